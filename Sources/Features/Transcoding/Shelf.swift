internal import Core
public import Helper
public import Media
internal import Storage

/// What of a task is ready to be seen, from the facts in the database alone.
public struct Shelf: Sendable {
    /// Segments of picture and of sound that a growing rendition shows from its first moment on; Chromium's own player
    /// gives up on fewer.
    public static let fewest = 3

    /// A rendition and what there is of it without a gap.
    public struct Row: Sendable {
        /// The rendition.
        public var rendition: Rendition
        /// Its segments from the beginning to the first that is missing, and the slice each came from.
        public var segments: [(made: MadeSegment, slice: Slice)]
        /// What a player needs before the first segment, as each slice made it: they are the same.
        public var initialisations: [Slice]
        /// Whether none is missing.
        public var isComplete: Bool
        /// Whether it may be listed.
        public var isListed: Bool
        /// Whether its playlist stays open although none is missing: Chromium's own player refuses a lesson of which one
        /// playlist is whole and another grows.
        public var isHeld = false

        /// Whether its playlist ends.
        public var isClosed: Bool { isComplete && !isHeld }

        /// As playlists need them.
        public var facts: [SegmentFacts] {
            segments.map { SegmentFacts(number: $0.made.number, duration: $0.made.duration, bytes: $0.made.bytes) }
        }
    }

    /// All renditions but dropped ones, by ordinal.
    public let rows: [Row]
    /// Whether picture and sound can be played.
    public let isPlayable: Bool
    /// Whether everything is made.
    public let isComplete: Bool

    /// - Parameters:
    ///   - facts: of the source.
    ///   - renditions: by ordinal.
    ///   - slices: all of them.
    ///   - isClosed: nothing more will come: what grew ends where it is.
    public init(_ facts: SourceFacts, renditions: [Rendition], slices: [Slice], isClosed: Bool = false) {
        var rows: [Row] = []
        for rendition in renditions where rendition.state != .dropped {
            if rendition.kind == .chapters {
                // They are known from the beginning: nothing has to be made for them.
                rows.append(
                    Row(rendition: rendition, segments: [], initialisations: [], isComplete: true, isListed: true))
                continue
            }
            let own = slices.filter { $0.ordinals.contains(rendition.ordinal) }
                .sorted { $0.range.lowerBound < $1.range.lowerBound }
            let whole = own.prefix { $0.attempt != nil }
            var segments: [(made: MadeSegment, slice: Slice)] = []
            var initialisations: [Slice] = []
            for slice in whole {
                let made = slice.made.filter { $0.ordinal == rendition.ordinal }.sorted { $0.number < $1.number }
                for file in made where file.kind != .initialisation { segments.append((file, slice)) }
                if made.contains(where: { $0.kind == .initialisation }) { initialisations.append(slice) }
            }
            let isComplete = !own.isEmpty && whole.count == own.count
            let ends = isComplete || (isClosed && rendition.growing && !segments.isEmpty)
            let enough = ends || (rendition.growing && segments.count >= Self.fewest)
            rows.append(
                Row(
                    rendition: rendition, segments: segments, initialisations: initialisations, isComplete: ends,
                    isListed: enough && !segments.isEmpty && rendition.facts != nil))
        }
        let playing = rows.indices.filter { rows[$0].isListed && [.video, .audio].contains(rows[$0].rendition.kind) }
        if playing.contains(where: { !rows[$0].isComplete }) {
            for index in playing where rows[index].rendition.state != .done {
                rows[index].isHeld = rows[index].isComplete
            }
        }
        self.rows = rows
        // The preferred track: the others come when they come.
        let sound = rows.filter { $0.rendition.kind == .audio && ($0.rendition.track ?? 0) == 0 }
        // Sound that turned out to hold nothing is no reason to wait.
        let soundReady = sound.allSatisfy { $0.isListed || $0.isComplete }
        let pictureReady = rows.contains { $0.rendition.kind == .video && $0.isListed }
        isPlayable = soundReady && (facts.video == nil ? sound.contains { $0.isListed } : pictureReady)
        // What stands beside the picture is worth waiting for; one that failed for good is dropped and not in the rows.
        isComplete = !rows.isEmpty && rows.allSatisfy { $0.isComplete }
    }

    /// The master playlist of what is listed.
    ///
    /// - Parameters:
    ///   - facts: of the source.
    ///   - choices: what the task was planned with.
    ///   - prefix: the publication's directory with a slash.
    public func master(_ facts: SourceFacts, _ choices: EncodingChoices = EncodingChoices(), prefix: String)
        -> MasterPlaylist
    {
        var videos: [MasterPlaylist.Video] = []
        var audios: [MasterPlaylist.Audio] = []
        for row in rows where row.isListed {
            guard let constants = row.rendition.facts else { continue }
            switch row.rendition.kind {
            case .video:
                videos.append(
                    MasterPlaylist.Video(
                        name: row.rendition.name.description, codecs: constants.codecs, width: constants.width,
                        height: constants.height,
                        frameRate: facts.video.map { frameRate(row.rendition, $0, choices) } ?? .one,
                        cap: row.rendition.cap,
                        segments: row.facts, isComplete: row.isComplete,
                        hasClosedCaptions: row.rendition.copied && facts.video?.hasClosedCaptions == true))
            case .audio:
                let track =
                    facts.audio.indices.contains(row.rendition.track ?? 0)
                    ? facts.audio[row.rendition.track ?? 0] : nil
                audios.append(
                    MasterPlaylist.Audio(
                        name: row.rendition.name.description, codecs: constants.codecs,
                        // What is encoded has two channels.
                        channels: row.rendition.copied ? min(2, track?.channels ?? 2) : 2,
                        language: track?.language ?? "", label: track?.title ?? "",
                        isDescriptive: track?.isDescriptive ?? false, cap: row.rendition.cap, segments: row.facts,
                        isComplete: row.isComplete))
            case .iframes, .images, .poster, .captions, .chapters: break
            }
        }
        var master = MasterPlaylist(videos: videos, audios: audios, prefix: prefix)
        master.beside = beside()
        return master
    }
}

private func frameRate(_ rendition: Rendition, _ video: VideoFacts, _ choices: EncodingChoices) -> Ratio {
    Ladder.frameRate(
        short: min(rendition.width, rendition.height), copied: rendition.copied, video, choices)
}

/// How far a task is, by media time.
public enum Progress {
    /// A slice and how much of it is there.
    public struct Part: Sendable, Equatable {
        /// For which renditions.
        public var ordinals: [UInt16]
        /// Which segments.
        public var range: Range<Int>
        /// 0…1
        public var fraction: Double

        /// - Parameters: as the properties.
        public init(ordinals: [UInt16], range: Range<Int>, fraction: Double) {
            self.ordinals = ordinals
            self.range = range
            self.fraction = fraction
        }
    }

    /// Seconds there are to make and seconds that are made, of each rendition.
    public static func seconds(_ parts: [Part], plan: SegmentPlan) -> [UInt16: (all: Double, made: Double)] {
        var sums: [UInt16: (all: Double, made: Double)] = [:]
        for part in parts {
            let ticks = plan.start(of: part.range.upperBound) - plan.start(of: part.range.lowerBound)
            let seconds = Double(ticks) / Double(Ticks.perSecond)
            for ordinal in part.ordinals {
                let sum = sums[ordinal] ?? (0, 0)
                sums[ordinal] = (sum.all + seconds, sum.made + seconds * min(max(part.fraction, 0), 1))
            }
        }
        return sums
    }
}
