import Core
import Testing

@Suite struct LanguageTagTests {
    @Test(arguments: [
        ("en", "en"), ("EN-us", "en-US"), ("zh-hant-TW", "zh-Hant-TW"), ("de-1996", "de-1996"), ("es-419", "es-419"),
        ("sl-rozaj-biske", "sl-rozaj-biske"), ("zh-cmn-Hans-CN", "zh-cmn-Hans-CN"), ("en-a-bbb-x-a", "en-a-bbb-x-a"),
        ("de-CH-x-phonebk", "de-CH-x-phonebk"), ("fil", "fil"),
    ]) func wellFormed(_ text: String, _ written: String) { #expect(LanguageTag(text)?.description == written) }

    @Test(
        "nothing but a tag",
        arguments: [
            "", "e", "en_US", "en-", "-en", "en--US", "x-private", "i-klingon", "en-x", "en-a", "123", "en-US-US",
            "de-1996-1996", "en/../x", "en.", "..", "en%2F", "e\u{301}n", "en-abcdefghi", "a-DE", "en us", "en\u{0}",
            "en-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd", "ar-a-aaa-b-bbb-a-ccc",
        ]) func malformed(_ text: String)
    { #expect(LanguageTag(text) == nil) }
}
