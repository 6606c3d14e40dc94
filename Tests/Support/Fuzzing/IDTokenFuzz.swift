internal import Core
internal import Crypto
internal import Tokens

/// ID tokens: a header and claims (two lines) under a signature that can't be right; the claims as if it had been; and
/// the same two lines as an answer of the server of certificates.
enum IDTokenFuzz {
    private static let project = "demo-proj"
    /// A certificate whose private key nobody has.
    private static let pem = """
        -----BEGIN CERTIFICATE-----
        MIIC/zCCAeegAwIBAgIUdcQ45T1uwV4ilrpMd5SPgBpeTywwDQYJKoZIhvcNAQEL
        BQAwDzENMAsGA1UEAwwEZnV6ejAeFw0yNjExMjgyMzE0NTdaFw00NjExMjMyMzE0
        NTdaMA8xDTALBgNVBAMMBGZ1enowggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEK
        AoIBAQCyJSCQi5OSwvyaf05ebQ1Q/UzikpqUPCS6zC0LNq30fRxU7mMhoUPLF8Yi
        RMIFgDH59nLhhqqADP7q7rN6TzeF4WYy1m4ixfKBktSYQDHusZo+Qwcd5ZpviLVV
        JhyqrLJOuG4Zzle0M+XyXL4/Y27CQgZ0udw9izw82e/6u6yr/xnwh/OqPoqr8hp8
        pw1zm/03243E611nL6RKESU4qCrHy6EjZ4v2uYYEotg2XEYspaGGugyUYG6aVWR8
        iEOQddsmlUR651yyHmhrbMzC9/8smU4PUkgNFSAsNvIDfHhy3iHQo9RYCV6jgzEV
        56Cy+WTVrX7IRpq2RU/Od4wgODfXAgMBAAGjUzBRMB0GA1UdDgQWBBTDiil6tpyn
        nCEGkEFYaJiaXS0qPDAfBgNVHSMEGDAWgBTDiil6tpynnCEGkEFYaJiaXS0qPDAP
        BgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQBhhEnJov6dmvMbVUd3
        J9TwRX6gORBlJocdvEkiqUx1UJApqvUUNPsu0mPYsfc6qqgEWl9xSw7PYyMtm0Sy
        dAPn1M8C7uV5lpBA6MJhLGqySMxouzWflqFs47sQniWjXsAyvk1KsSrTDs11ky09
        l4SFfO2PseAelljdYBIgDsmcj2wiegpIYcRMRs0+OsuzlJcf0IQH0jR75H9um0wM
        q+vSf64aMuXWNclHAWoCACGhNzK8YEnWwR/kvXb+7qytZL64te/VGoJSxZ95/vVj
        A+em7rr97ODjgDIHBChHhxSshJf76JEDRAoq+KPq1gR7TmoDhlGy9WDckQvM7nxA
        N9I5
        -----END CERTIFICATE-----

        """
    private static let certificate = try? RSACertificate(pem: Array(pem.utf8).span)

    static func run(_ input: Span<UInt8>) -> String? {
        guard let certificate else { return "the certificate is not read" }
        let (header, claims) = input.firstLine
        let written =
            Base64URL.encode(header.span) + "." + Base64URL.encode(claims.span) + "."
            + Base64URL.encode([UInt8](repeating: 1, count: 256).span)
        for text in [written, input.text ?? ""] {
            guard let token = try? IDToken(text) else { continue }
            guard IDToken.isOne(text), PlaybackToken.isName(token.kid) else { return "accepted header" }
            let found = try? token.claims(under: certificate, project: project, now: TokenFuzz.now)
            if found != nil { return "accepted without a key" }
        }
        return judge(claims) ?? judge(header, claims)
    }

    private static func judge(_ claims: [UInt8]) -> String? {
        guard let all = try? JSON(parsing: claims),
            let found = try? IDClaims(all, project: project, now: TokenFuzz.now)
        else { return nil }
        guard all["aud"]?.string == project, all["iss"]?.string == "https://securetoken.google.com/" + project else {
            return "for another project"
        }
        guard (1...128).contains(found.subject.utf8.count), found.subject.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
        else {
            return "subject"
        }
        guard let exp = all["exp"]?.integer, exp > TokenFuzz.now - 60, exp <= TokenFuzz.now + 3660 else { return "exp" }
        guard found.issued <= TokenFuzz.now + 60, found.authenticated <= TokenFuzz.now + 60 else { return "times" }
        return found.isEmailVerified && (found.email == nil || all["email_verified"] != true) ? "address" : nil
    }

    /// What is taken as a set is read again as the same.
    private static func judge(_ field: [UInt8], _ body: [UInt8]) -> String? {
        let lifetime = CertificateSet.lifetime(field.span.text)
        guard (300...86_400).contains(lifetime) else { return "lifetime" }
        guard let set = CertificateSet(answer: body, cacheControl: field.span.text, now: TokenFuzz.now) else {
            return nil
        }
        guard let again = CertificateSet(stored: set.stored) else { return "what was written is not read" }
        return again.count == set.count && again.until == set.until && set.count > 0 ? nil : "read as something else"
    }
}
