internal import Core

extension MasterPlaylist {
    /// Captions as a rendition of segmented WebVTT.
    public struct Captions: Equatable, Sendable {
        /// The rendition's directory.
        public var name: String
        /// BCP 47, or empty.
        public var language: String
        /// What a person reads in a menu.
        public var label: String
        /// Shown unless a viewer chooses otherwise.
        public var isDefault: Bool
        /// For those who do not hear: sounds are in it too.
        public var describesSound: Bool

        /// - Parameters: as the properties.
        public init(name: String, language: String, label: String, isDefault: Bool, describesSound: Bool) {
            self.name = name
            self.language = language
            self.label = label
            self.isDefault = isDefault
            self.describesSound = describesSound
        }
    }

    /// One line for each sound track: the first is the one to play unless somebody chooses (RFC 8216 §4.3.4.1).
    func tags(of sounds: [Audio]) -> String {
        let names = PlaylistName.distinct(
            sounds.map { sound in
                PlaylistName.clean(sound.label) ?? Languages.tag(sound.language).map { Languages.name($0) } ?? "Audio"
            })
        var seen: Set<String> = []
        var text = ""
        for (index, sound) in sounds.enumerated() {
            let language = Languages.tag(sound.language)?.description ?? ""
            text += "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"\(names[index])\""
            if !language.isEmpty { text += ",LANGUAGE=\"\(language)\"" }
            // Players choose by themselves only among tracks that differ in what they know about them.
            let isAlone = seen.insert("\(language) \(sound.isDescriptive)").inserted
            text += ",DEFAULT=\(index == 0 ? "YES" : "NO"),AUTOSELECT=\(index == 0 || isAlone ? "YES" : "NO")"
            if sound.isDescriptive { text += ",CHARACTERISTICS=\"public.accessibility.describes-video\"" }
            text += ",CHANNELS=\"\(sound.channels)\",URI=\"\(prefix)\(sound.name)/index.m3u8\"\n"
        }
        return text
    }

    /// One line for each file of captions, and one for those inside the picture.
    var captionTags: String {
        let names = PlaylistName.distinct(captions.map { PlaylistName.clean($0.label) ?? "Subtitles" })
        var seen: Set<String> = []
        var text = ""
        var hasDefault = false
        for (index, track) in captions.enumerated() {
            let language = Languages.tag(track.language)?.description ?? ""
            let isDefault = track.isDefault && !hasDefault
            hasDefault = hasDefault || isDefault
            let isAlone = seen.insert("\(language) \(track.describesSound)").inserted
            text += "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"captions\",NAME=\"\(names[index])\""
            if !language.isEmpty { text += ",LANGUAGE=\"\(language)\"" }
            text += ",DEFAULT=\(isDefault ? "YES" : "NO"),AUTOSELECT=\(isDefault || isAlone ? "YES" : "NO"),FORCED=NO"
            if track.describesSound {
                text += ",CHARACTERISTICS=\"public.accessibility.transcribes-spoken-dialog,"
                text += "public.accessibility.describes-music-and-sound\""
            }
            text += ",URI=\"\(prefix)\(track.name)/index.m3u8\"\n"
        }
        if hasClosedCaptions {
            text +=
                "#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"cc\",NAME=\"CC1\",AUTOSELECT=YES,INSTREAM-ID=\"CC1\"\n"
        }
        return text
    }

    /// Whether a listed picture carries captions inside.
    var hasClosedCaptions: Bool { listed.contains { $0.video.hasClosedCaptions } }

    /// What a picture's line says of captions: NONE stands at all lines or at none (RFC 8216 §4.3.4.2).
    func captionAttributes(of video: Video?) -> String {
        let beside = captions.isEmpty ? "" : ",SUBTITLES=\"captions\""
        guard let video else { return beside }
        if !hasClosedCaptions { return beside + ",CLOSED-CAPTIONS=NONE" }
        return beside + (video.hasClosedCaptions ? ",CLOSED-CAPTIONS=\"cc\"" : "")
    }
}
