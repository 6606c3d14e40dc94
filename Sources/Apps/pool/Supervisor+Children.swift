internal import Core
internal import POSIX

extension Supervisor {
    /// Starts a child for a seat, or puts it off while the score board is full of old ones.
    mutating func start(_ role: Int, _ seat: Int, _ now: Int64, _ actions: inout [Action]) {
        roles[role].seats[seat].startAt = nil
        guard let slot = freeSlots.popLast() else {
            roles[role].seats[seat].startAt = now + .second
            return
        }
        let id = nextID
        nextID += 1
        let until = now + Self.patience
        children[id] = Child(
            role: role, seat: seat, slot: slot, generation: generation, state: .starting(until: until))
        roles[role].seats[seat].next = id
        actions.append(.start(id, roles[role].plan.role, slot: slot))
    }

    mutating func startWhatIsDue(_ now: Int64, _ actions: inout [Action]) {
        for role in roles.indices {
            for seat in roles[role].seats.indices {
                let place = roles[role].seats[seat]
                if let due = place.startAt, due <= now, place.next == nil { start(role, seat, now, &actions) }
            }
        }
    }

    mutating func becameReady(_ id: ChildID, _ now: Int64, _ actions: inout [Action]) {
        guard let child = children[id], case .starting = child.state else { return }
        children[id]?.state = .serving
        roles[child.role].backoff.started()
        let before = roles[child.role].seats[child.seat].current
        roles[child.role].seats[child.seat] = Seat(current: id)
        if let before { askToLeave(before, now, &actions) }
    }

    /// A child has done its share: its successor starts, and it serves until that one is ready.
    mutating func hasServed(_ id: ChildID, _ now: Int64, _ actions: inout [Action]) {
        guard !stopping, let child = children[id], child.state == .serving else { return }
        roles[child.role].seats[child.seat].tired = true
        actions.append(.report(.recycling(id, roles[child.role].plan.role)))
        if roles[child.role].seats[child.seat].next == nil { start(child.role, child.seat, now, &actions) }
    }

    /// Time to drain: a request in the middle is let finish if its role is timed by itself or not at all.
    mutating func askToLeave(_ id: ChildID, _ now: Int64, _ actions: inout [Action]) {
        guard let child = children[id] else { return }
        let plan = roles[child.role].plan
        let patience = stopping ? plan.drain : max(plan.drain, (plan.requestLimit ?? 0) + .second)
        children[id]?.state = .leaving(until: now + patience, firm: stopping || plan.role != .upload)
        actions.append(.ask(id))
    }

    mutating func kill(_ id: ChildID, _ actions: inout [Action]) {
        children[id]?.state = .killed
        actions.append(.kill(id))
    }

    mutating func gone(_ id: ChildID, _ end: ChildEnd, _ now: Int64, _ actions: inout [Action]) {
        guard let child = children.removeValue(forKey: id) else { return }
        freeSlots.append(child.slot)
        let role = roles[child.role].plan.role
        var seat = roles[child.role].seats[child.seat]
        guard !stopping, seat.current == id || seat.next == id else {
            actions.append(.report(.left(id, role, end)))
            return
        }
        let served = seat.current == id
        if served { seat.current = nil } else { seat.next = nil }
        let (restart, loop) = roles[child.role].backoff.death(at: now, served: served)
        if seat.current == nil && seat.next == nil { seat.startAt = restart }
        if seat.current != nil && seat.tired { seat.startAt = max(restart, now + .second) }
        roles[child.role].seats[child.seat] = seat
        actions.append(.report(.died(id, role, end, restartIn: max(0, restart - now))))
        if seat.current != nil { abandonRoll(child.role, &actions) }
        if let loop { actions.append(.report(.crashLoop(role, deaths: loop))) }
    }

    /// Kills what is stuck, what never became ready, and what did not leave in time.
    mutating func passTime(_ busy: [ChildID: Int64], _ now: Int64, _ actions: inout [Action]) {
        for (id, child) in children.sorted(by: { $0.key < $1.key }) {
            let plan = roles[child.role].plan
            switch child.state {
            case .killed: continue
            case .starting(let until):
                if until <= now {
                    actions.append(.report(.neverReady(id, plan.role)))
                    kill(id, &actions)
                }
                continue
            case .serving: break
            case .leaving(let until, let firm):
                if until <= now && (firm || busy[id] == nil) {
                    actions.append(.report(.overdue(id, plan.role)))
                    kill(id, &actions)
                    continue
                }
            }
            if let limit = plan.requestLimit, let began = busy[id], now - began > limit {
                actions.append(.report(.stuck(id, plan.role, nanoseconds: now - began)))
                kill(id, &actions)
            }
        }
    }
}
