public import Core
public import Media
internal import Tokens
public import Web

/// What is decided about captions.
public enum CaptionRules {
    /// Languages a lesson may have captions in.
    public static let most = 64

    /// The language that the path names.
    ///
    /// - Throws: 400.
    public static func language(_ text: String) throws(Problem) -> LanguageTag {
        guard let tag = LanguageTag(text) else { throw Problem(.captionsLanguage) }
        return tag
    }

    /// Reads what goes with a file; what is absent has its default.
    ///
    /// - Throws: 400 for a value that is none.
    public static func wish(
        language: LanguageTag, label: String?, kind: String?, isDefault: String?, file: CaptionFile
    ) throws(Problem) -> NewCaptions {
        let purpose = CaptionPurpose.allCases.first { $0.rawValue.utf8.elementsEqual((kind ?? "subtitles").utf8) }
        guard let purpose else { throw Problem(.badRequest, detail: "kind must be subtitles or captions.") }
        let shown: Bool
        switch isDefault {
        case nil, "false", "0": shown = false
        case "true", "1": shown = true
        default: throw Problem(.badRequest, detail: "default must be true or false.")
        }
        let name: String
        if let label, !label.isEmpty {
            guard let clean = PlaylistName.clean(label) else {
                throw Problem(.badRequest, detail: "label is not a name.")
            }
            name = clean
        } else {
            name = Languages.name(language)
        }
        return NewCaptions(language: language, purpose: purpose, label: name, isDefault: shown, cues: file.cues)
    }

    /// Reads a file.
    ///
    /// - Throws: 400 with the code and the line at fault.
    public static func read(_ bytes: [UInt8]) throws(Problem) -> CaptionFile {
        do throws(CaptionFault) { return try CaptionFile(bytes) } catch {
            let refusal: Refusal =
                switch error.kind {
                case .format: .captionsFormat
                case .time: .captionsTime
                case .amount: .captionsAmount
                }
            throw Problem(refusal, detail: error.sentence)
        }
    }
}
