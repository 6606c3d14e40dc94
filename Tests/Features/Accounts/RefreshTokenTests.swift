import Accounts
import Core
import Testing

@Suite("Refresh tokens") struct RefreshTokenTests {
    @Test("a token reads back, and has one spelling") func form() throws {
        let token = try RefreshToken()
        let text = token.revealed()
        let again = try #require(RefreshToken(text))
        #expect(again.signIn == token.signIn && again.hash == token.hash)
        #expect(try RefreshToken(signIn: token.signIn).hash != token.hash)
        #expect(!"\(token)".contains(text.suffix(43)))
        for other in [
            "", "rgr_", text + "A", String(text.dropLast()), text.uppercased(), " " + text,
            text.replacing("rgr_", with: "rgk_"), String(text.dropLast()) + "=",
        ] { #expect(RefreshToken(other) == nil) }
    }
}
