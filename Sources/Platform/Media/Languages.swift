public import Core

/// Languages by the codes that files carry and the names people read.
public enum Languages {
    /// The tag for what a file says of a track: `eng`, `ger`, `en-US`; `nil` for `und`, `mul`, nothing and nonsense.
    public static func tag(_ text: String) -> LanguageTag? {
        let lower = text.lowercased()
        if ["und", "mul", "mis", "zxx", ""].contains(lower) { return nil }
        if let known = table.first(where: { $0.codes.contains(lower) }) { return LanguageTag(known.tag) }
        // Private codes of a studio (qaa…qtz) name no language.
        if lower.utf8.count == 3, lower.utf8.first == UInt8(ascii: "q"), lower < "qu" { return nil }
        return LanguageTag(text)
    }

    /// The language's English name, with script and region as they stand: `Portuguese (BR)`; the tag where there is
    /// none.
    public static func name(_ tag: LanguageTag) -> String {
        let language = tag.language
        guard let known = table.first(where: { $0.tag == language || $0.codes.contains(language) }) else {
            return tag.description
        }
        let more = tag.description.dropFirst(language.utf8.count + 1)
        return more.isEmpty ? known.name : "\(known.name) (\(more))"
    }

    /// ISO 639-1 code, ISO 639-2 codes (terminological, bibliographic), name.
    private static let table: [(tag: String, codes: [String], name: String)] = [
        ("af", ["afr"], "Afrikaans"), ("am", ["amh"], "Amharic"), ("ar", ["ara"], "Arabic"),
        ("az", ["aze"], "Azerbaijani"), ("be", ["bel"], "Belarusian"), ("bg", ["bul"], "Bulgarian"),
        ("bn", ["ben"], "Bengali"), ("bo", ["bod", "tib"], "Tibetan"), ("bs", ["bos"], "Bosnian"),
        ("ca", ["cat"], "Catalan"), ("cs", ["ces", "cze"], "Czech"), ("cy", ["cym", "wel"], "Welsh"),
        ("da", ["dan"], "Danish"), ("de", ["deu", "ger"], "German"), ("el", ["ell", "gre"], "Greek"),
        ("en", ["eng"], "English"), ("eo", ["epo"], "Esperanto"), ("es", ["spa"], "Spanish"),
        ("et", ["est"], "Estonian"), ("eu", ["eus", "baq"], "Basque"), ("fa", ["fas", "per"], "Persian"),
        ("fi", ["fin"], "Finnish"), ("fil", ["fil"], "Filipino"), ("fr", ["fra", "fre"], "French"),
        ("ga", ["gle"], "Irish"), ("gl", ["glg"], "Galician"), ("gu", ["guj"], "Gujarati"),
        ("ha", ["hau"], "Hausa"), ("he", ["heb", "iw"], "Hebrew"), ("hi", ["hin"], "Hindi"),
        ("hr", ["hrv", "scr"], "Croatian"), ("hu", ["hun"], "Hungarian"), ("hy", ["hye", "arm"], "Armenian"),
        ("id", ["ind", "in"], "Indonesian"), ("is", ["isl", "ice"], "Icelandic"), ("it", ["ita"], "Italian"),
        ("ja", ["jpn"], "Japanese"), ("jv", ["jav"], "Javanese"), ("ka", ["kat", "geo"], "Georgian"),
        ("kk", ["kaz"], "Kazakh"), ("km", ["khm"], "Khmer"), ("kn", ["kan"], "Kannada"),
        ("ko", ["kor"], "Korean"), ("ku", ["kur"], "Kurdish"), ("ky", ["kir"], "Kyrgyz"), ("la", ["lat"], "Latin"),
        ("lb", ["ltz"], "Luxembourgish"), ("lo", ["lao"], "Lao"), ("lt", ["lit"], "Lithuanian"),
        ("lv", ["lav"], "Latvian"), ("mk", ["mkd", "mac"], "Macedonian"), ("ml", ["mal"], "Malayalam"),
        ("mn", ["mon"], "Mongolian"), ("mr", ["mar"], "Marathi"), ("ms", ["msa", "may"], "Malay"),
        ("mt", ["mlt"], "Maltese"), ("my", ["mya", "bur"], "Burmese"), ("nb", ["nob"], "Norwegian Bokmål"),
        ("ne", ["nep"], "Nepali"), ("nl", ["nld", "dut"], "Dutch"), ("nn", ["nno"], "Norwegian Nynorsk"),
        ("no", ["nor"], "Norwegian"), ("pa", ["pan"], "Punjabi"), ("pl", ["pol"], "Polish"),
        ("ps", ["pus"], "Pashto"), ("pt", ["por"], "Portuguese"), ("qu", ["que"], "Quechua"),
        ("ro", ["ron", "rum"], "Romanian"), ("ru", ["rus"], "Russian"), ("si", ["sin"], "Sinhala"),
        ("sk", ["slk", "slo"], "Slovak"), ("sl", ["slv"], "Slovenian"), ("so", ["som"], "Somali"),
        ("sq", ["sqi", "alb"], "Albanian"), ("sr", ["srp", "scc"], "Serbian"), ("sv", ["swe"], "Swedish"),
        ("sw", ["swa"], "Swahili"), ("ta", ["tam"], "Tamil"), ("te", ["tel"], "Telugu"), ("tg", ["tgk"], "Tajik"),
        ("th", ["tha"], "Thai"), ("tk", ["tuk"], "Turkmen"), ("tr", ["tur"], "Turkish"), ("uk", ["ukr"], "Ukrainian"),
        ("ur", ["urd"], "Urdu"), ("uz", ["uzb"], "Uzbek"), ("vi", ["vie"], "Vietnamese"), ("xh", ["xho"], "Xhosa"),
        ("yi", ["yid", "ji"], "Yiddish"), ("yo", ["yor"], "Yoruba"), ("yue", ["yue"], "Cantonese"),
        ("zh", ["zho", "chi"], "Chinese"), ("zu", ["zul"], "Zulu"),
    ]
}

/// Names that come from files and people, on their way into a playlist.
public enum PlaylistName {
    /// Bytes of a name.
    public static let longest = 100

    /// The text as a quoted string may hold it (RFC 8216 §4.2), at most 100 bytes of whole characters; `nil` when
    /// nothing is left or it looks like a playlist's own lines.
    public static func clean(_ text: String) -> String? {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(4 * longest) {
            switch scalar.value {
            case 0x22: scalars.append("'")
            case 9, 10, 13, 0x85, 0xA0, 0x2028, 0x2029: scalars.append(" ")
            // Control characters, and those that turn a line's direction or can't be seen.
            case 0..<32, 0x7F..<0xA0, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFFD: continue
            default: scalars.append(scalar)
            }
        }
        var name = ""
        for word in String(scalars).split(separator: " ") {
            for character in (name.isEmpty ? "" : " ") + word {
                guard name.utf8.count + character.utf8.count <= longest else { break }
                name.append(character)
            }
        }
        if name.isEmpty || name.uppercased().contains("#EXT") { return nil }
        return name
    }

    /// Makes names differ: the second `English` is `English 2`.
    public static func distinct(_ names: [String]) -> [String] {
        var taken: Set<String> = []
        return names.map { name in
            var number = 1
            var own = name
            while !taken.insert(own).inserted {
                number += 1
                own = "\(name) \(number)"
            }
            return own
        }
    }
}
