internal import Core

extension Supervisor {
    // MARK: Rolling

    mutating func beginRoll(_ now: Int64, _ actions: inout [Action]) {
        if stopping { return }
        generation += 1
        if !rolling { actions.append(.report(.rollBegan)) }
        rolling = true
        actions.append(.notify(.reloading))
        for role in roles.indices { roles[role].rolling = true }
    }

    /// Starts the next successors of every role that rolls.
    mutating func goOnRolling(_ now: Int64, _ actions: inout [Action]) {
        guard rolling else { return }
        for role in roles.indices where roles[role].rolling {
            var starting = roles[role].seats.count { $0.next != nil && $0.current != nil }
            var left = 0
            for seat in roles[role].seats.indices {
                let place = roles[role].seats[seat]
                let old = place.current.flatMap { children[$0] }.map { $0.generation < generation } ?? false
                let oldNext = place.next.flatMap { children[$0] }.map { $0.generation < generation } ?? false
                if old || oldNext || place.next != nil { left += 1 }
                guard old, place.next == nil, place.startAt == nil, starting < roles[role].width else { continue }
                start(role, seat, now, &actions)
                starting += 1
            }
            if left == 0 { roles[role].rolling = false }
        }
        if !roles.contains(where: \.rolling) {
            rolling = false
            actions.append(.report(.rollEnded))
            actions.append(.notify(.ready))
        }
    }

    /// A successor failed: the old children stay, and nobody else is replaced by what may be broken.
    mutating func abandonRoll(_ role: Int, _ actions: inout [Action]) {
        guard roles[role].rolling else { return }
        roles[role].rolling = false
        actions.append(.report(.rollAbandoned(roles[role].plan.role)))
    }

    // MARK: Beginning and ending

    /// Says that the service is up when every seat is taken, or when the patience is over and at least one is.
    mutating func announce(_ now: Int64, _ actions: inout [Action]) {
        if announced { return }
        let seats = roles.flatMap(\.seats)
        guard seats.allSatisfy({ $0.current != nil }) || (now >= announceBy && seats.contains { $0.current != nil })
        else {
            if now >= announceBy { announceBy = now + .second }
            return
        }
        announced = true
        actions.append(.report(.ready))
        actions.append(.notify(.ready))
    }

    mutating func beginStop(_ now: Int64, _ actions: inout [Action]) {
        let again = stopping
        stopping = true
        if !again {
            actions.append(.report(.stopping))
            actions.append(.notify(.stopping))
        }
        for (id, child) in children.sorted(by: { $0.key < $1.key }) where child.state != .killed {
            if again { kill(id, &actions) } else { askToLeave(id, now, &actions) }
        }
    }
}
