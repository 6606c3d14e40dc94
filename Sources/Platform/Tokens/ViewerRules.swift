internal import Core
internal import POSIX

/// Who may watch, as a token's claim `rules` says it:
///
///     lists = list *( "|" list )          every list must allow
///     list  = rule *( ";" rule )          the first rule that fits decides; none fits: refused
///     rule  = ( "allow" / "deny" ) " " who
///     who   = "*" / "cc:" 2UPPER / "net:" address [ "/" bits ] / "agent:" class
///
/// `cc` is a country as ISO 3166-1 has it; where the viewer's is not known, the rule refuses, whatever it says. A network
/// has no bit set beyond its prefix; IPv4 mapped into IPv6 is IPv4. Classes are those of `AgentClass`. What is refused is
/// told by the rule that did it; for `*` by the last `allow` that did not fit.
public enum ViewerRules {
    /// Bytes of one list.
    public static let longest = 256

    private enum Who {
        case everyone
        case country(UInt16)
        case network(NetworkPrefix)
        case agent(AgentClass)

        var refusal: Refusal {
            switch self {
            case .everyone, .network: .address
            case .country: .country
            case .agent: .agent
            }
        }
    }

    private static func rule(_ text: Span<UInt8>) -> (allows: Bool, who: Who)? {
        let allows = text.starts(with: "allow ")
        guard allows || text.starts(with: "deny ") else { return nil }
        let rest = text.extracting((allows ? 6 : 5)..<text.count)
        if rest.equals("*") { return (allows, .everyone) }
        if rest.starts(with: "cc:") {
            guard rest.count == 5, let country = country(rest.extracting(3..<5)) else { return nil }
            return (allows, .country(country))
        }
        if rest.starts(with: "net:") {
            guard let network = NetworkPrefix(rest.extracting(4..<rest.count)) else { return nil }
            return (allows, .network(network))
        }
        guard rest.starts(with: "agent:") else { return nil }
        let name = rest.extracting(6..<rest.count)
        if name.equals("browser") { return (allows, .agent(.browser)) }
        if name.equals("app") { return (allows, .agent(.app)) }
        if name.equals("player") { return (allows, .agent(.player)) }
        if name.equals("tool") { return (allows, .agent(.tool)) }
        if name.equals("none") { return (allows, .agent(.none)) }
        return nil
    }

    /// Two upper-case letters as a number; `nil` for others.
    static func country(_ text: Span<UInt8>) -> UInt16? {
        guard text.count == 2, text[0] >= 65, text[0] <= 90, text[1] >= 65, text[1] <= 90 else { return nil }
        return UInt16(text[0]) << 8 | UInt16(text[1])
    }

    /// What speaks against a viewer; allocates nothing.
    ///
    /// - Parameters:
    ///   - text: the claim.
    ///   - client: the viewer's address, as far as it is known.
    ///   - agent: the `User-Agent`.
    ///   - country: two letters as a number, where that is known; asked at most once.
    static func objection(
        _ text: Span<UInt8>, client: NetworkAddress?, agent: Span<UInt8>, country: (NetworkAddress) -> UInt16?
    ) -> Refusal? {
        var found: Refusal?
        var decided: Bool?
        var missed = Refusal.address
        var place: UInt16??
        var start = 0
        while true {
            var end = start
            while end < text.count, text[end] != UInt8(ascii: ";"), text[end] != UInt8(ascii: "|") { end += 1 }
            // Read whole, also behind the decision: rules that can't be read are no rules.
            guard let (allows, who) = rule(text.extracting(start..<end)) else { return .tokenMalformed }
            if decided == nil {
                let fits: Bool?
                switch who {
                case .everyone: fits = true
                case .network(let network): fits = client.map { network.contains($0) }
                case .agent(let wanted): fits = AgentClass(agent) == wanted
                case .country(let wanted):
                    if place == nil { place = .some(client.flatMap(country)) }
                    fits = (place ?? nil).map { $0 == wanted }
                }
                if fits != false {
                    decided = allows && fits == true
                    if case .everyone = who {} else { missed = who.refusal }
                } else if allows {
                    missed = who.refusal
                }
            }
            if end == text.count || text[end] == UInt8(ascii: "|") {
                if decided != true, found == nil { found = missed }
                decided = nil
                missed = .address
            }
            if end == text.count { return found }
            start = end + 1
        }
    }

    /// What is wrong with one list that somebody wants to have applied, or `nil`.
    ///
    /// Stricter than the reader: it ends with a rule for everyone and has none before, so that it says what happens to
    /// those it does not name.
    public static func mistake(in text: String) -> String? {
        let bytes = Array(text.utf8)
        if bytes.count > longest { return "rules may have at most \(longest) bytes." }
        let rules = bytes.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        for (index, part) in rules.enumerated() {
            guard let rule = rule(Array(part).span) else {
                return
                    "Rule \(index + 1) is not written as allow or deny, and *, cc:XX, net:ADDRESS/BITS or agent:CLASS."
            }
            var isForAll = false
            if case .everyone = rule.who { isForAll = true }
            if isForAll != (index == rules.count - 1) {
                return "The last rule, and no other, must be allow * or deny *."
            }
        }
        return nil
    }
}
