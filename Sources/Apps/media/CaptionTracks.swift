internal import AV
internal import Core
internal import Media

/// Which of a file's streams are captions that can be read as text; those made of pictures can't.
enum CaptionTracks {
    /// libav's names. None of them is decoded by libav: what stands in their packets is read here.
    static let codecs = ["mov_text", "subrip", "webvtt", "ass", "ssa", "text"]

    /// What is known of them.
    static func list(_ streams: [StreamFacts]) -> [CaptionFacts] {
        streams.filter { $0.kind == .text && codecs.contains($0.codec) }.prefix(CaptionFacts.most).map { stream in
            CaptionFacts(
                stream: stream.index, codec: stream.codec,
                language: Languages.tag(stream.language)?.description ?? "",
                title: PlaylistName.clean(stream.title) ?? "", describesSound: stream.describesSound)
        }
    }
}
