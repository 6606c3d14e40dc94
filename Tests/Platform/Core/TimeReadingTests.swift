import Core
import Testing

@Suite struct TimeReadingTests {
    @Test("D16 a moment is read in its one form, from 1970 to 2200") func moments() {
        for (text, seconds): (String, Int64?) in [
            ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00Z", 951_825_600), ("2026-01-31T23:59:59Z", 1_769_903_999),
            ("2026-01-31t23:59:59.123456z", 1_769_903_999), ("2026-02-01T00:59:59+01:00", 1_769_903_999),
            ("2200-12-31T23:59:59Z", 7_289_654_399), ("1970-01-01T00:00:00+01:00", nil), ("2100-02-29T00:00:00Z", nil),
            ("2026-00-01T00:00:00Z", nil), ("2026-01-32T00:00:00Z", nil), ("2026-01-01 00:00:00Z", nil),
            ("2026-01-01T00:60:00Z", nil), ("2026-01-01T00:00:61Z", nil), ("2026-01-01T00:00:00+24:00", nil), ("", nil),
            ("9999-01-01T00:00:00Z", nil), ("2026-01-01T00:00:00Z ", nil),
        ] { #expect(UnixTime(rfc3339: text)?.seconds == seconds, "\(text)") }
    }

    @Test func whatIsWrittenIsRead() {
        for seconds in stride(from: Int64(0), to: 7_000_000_000, by: 86_399 * 397) {
            let time = UnixTime(seconds)
            #expect(UnixTime(rfc3339: time.rfc3339) == time)
        }
    }
}
