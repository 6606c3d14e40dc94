import Core
import Testing

@testable import Tokens

private let germany = UInt16(UInt8(ascii: "D")) << 8 | UInt16(UInt8(ascii: "E"))

private func objection(_ rules: String, _ client: String = "203.0.113.7", _ agent: String = "Mozilla/5.0 (X11)")
    -> Refusal?
{
    ViewerRules.objection(
        Array(rules.utf8).span, client: NetworkAddress(client), agent: Array(agent.utf8).span,
        country: { $0.isIPv4 ? germany : nil })
}

@Suite struct ViewerRulesTests {
    @Test(
        "the first rule that fits decides; nobody fits: refused; every list must allow",
        arguments: [
            ("allow *", nil), ("deny *", .address), ("deny cc:DE;allow *", .country), ("deny cc:FR;allow *", nil),
            ("allow cc:DE;deny *", nil), ("allow cc:FR;deny *", .country), ("allow cc:FR", .country),
            ("allow net:203.0.113.0/24;deny *", nil), ("allow net:203.0.112.0/24;deny *", .address),
            ("deny net:203.0.113.7;allow *", .address), ("deny agent:browser;allow *", .agent),
            ("deny agent:tool;allow *", nil), ("allow agent:app;deny *", .agent), ("deny agent:none;allow *", nil),
            ("allow net:203.0.113.0/24;deny cc:DE;allow *", nil), ("deny cc:DE;allow net:203.0.113.0/24", .country),
            ("allow *|allow *", nil), ("allow *|deny cc:DE;allow *", .country),
            ("deny agent:browser;allow *|deny *", .agent),
        ] as [(String, Refusal?)])
    func decides(rules: String, expected: Refusal?) { #expect(objection(rules) == expected) }

    @Test("where address or country is not known, a rule that asks for it refuses whatever it says") func unknown() {
        #expect(objection("deny cc:FR;allow *", "::1") == .country)
        #expect(objection("allow cc:FR;allow *", "::1") == .country)
        #expect(objection("allow net:::1;deny cc:FR;allow *", "::1") == nil)
        #expect(objection("deny net:192.0.2.0/24;allow *", "unix:") == .address)
        #expect(objection("allow net:192.0.2.0/24;allow *", "unix:") == .address)
        #expect(objection("deny cc:FR;allow *", "unix:") == .country)
        #expect(objection("allow *", "unix:") == nil)
    }

    @Test(
        "what can't be read is no rule, also behind the decision",
        arguments: [
            "", ";", "allow", "allow ", "allow *;", ";allow *", "allow *|", "|allow *", "ALLOW *", "allow  *",
            "allow cc:de",
            "allow cc:D", "allow cc:DEU", "allow cc:", "allow net:", "allow net:203.0.113.7/24", "allow agent:bot",
            "allow *;deny everyone", "allow country:DE", "permit *", " allow *", "allow * ", "allow net:x",
        ])
    func malformed(rules: String) { #expect(objection(rules) == .tokenMalformed) }

    @Test("what somebody asks for must say what happens to those it does not name") func asked() {
        for good in ["allow *", "deny *", "deny cc:RU;allow net:203.0.113.0/24;deny agent:tool;allow *"] {
            #expect(ViewerRules.mistake(in: good) == nil)
        }
        for bad in [
            "", "deny cc:RU", "allow *;deny cc:RU", "allow *;allow *", "allow *|allow *", "x",
            String(repeating: "deny cc:RU;", count: 24) + "allow *",
        ] { #expect(ViewerRules.mistake(in: bad) != nil, "\(bad)") }
    }

    @Test(
        "kinds of programs",
        arguments: [
            ("", .none), ("curl/8.5.0", .tool), ("Wget/1.21.3", .tool), ("python-requests/2.31", .tool),
            ("Python/3.11 aiohttp/3.9", .tool), ("Go-http-client/2.0", .tool), ("unheard/1.0", .tool),
            ("Mozilla", .tool),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120 Safari/537.36",
                .tool
            ),
            ("VLC/3.0.20 LibVLC/3.0.20", .player), ("Lavf/59.27.100", .player), ("mpv 0.37.0", .player),
            ("GStreamer souphttpsrc 1.22 libsoup/3.2", .player),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", .browser),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1", .browser),
            ("AppleCoreMedia/1.0.0.21A329 (iPhone; U; CPU OS 17_0 like Mac OS X; en_us)", .app),
            ("ExoPlayerLib/2.19 (Linux; Android 14)", .app), ("okhttp/4.12.0", .app),
            ("MyApp/1 (Linux;Android 13) AndroidXMedia3/1.3.1", .app), ("Dalvik/2.1.0 (Linux; U; Android 13)", .app),
            ("CURL/8", .tool), ("Mozilla/5.0 (compatible) curl/8", .tool), ("xcurl/8", .tool),
        ] as [(String, AgentClass)])
    func agents(agent: String, expected: AgentClass) { #expect(AgentClass(Array(agent.utf8).span) == expected) }
}
