internal import Media
public import POSIX

/// What the media helper may use of the machine.
public struct Resources: Sendable, Equatable {
    /// Threads of one helper; 0: as many as there are processors.
    public var threads: Int
    /// How far what is not urgent is lowered below everything else (0…19).
    public var niceness: Int32
    /// Its turn at the disk.
    public var disk: DiskPriority
    /// Bytes of address space of one helper; 0: no limit.
    public var memory: Int64
    /// Bytes that stay free where files live.
    public var reserve: Int64

    /// - Parameters: as the properties; what is left out has the product's default.
    public init(
        threads: Int = 0, niceness: Int32 = 10, disk: DiskPriority = .bestEffort(7), memory: Int64 = 4 << 30,
        reserve: Int64 = 1 << 28
    ) {
        self.threads = threads
        self.niceness = niceness
        self.disk = disk
        self.memory = memory
        self.reserve = reserve
    }

    /// As the helper is told.
    var limits: MediaLimits { MediaLimits(memory: memory, threads: threads) }
}

/// How much room something takes on the disk, decided before it is made.
enum Room {
    /// Of what is encoded by a rate factor, the part of its cap that is to be reckoned with: most content needs less,
    /// and a slice that needs more is stopped while it is written.
    static let usual = 60
    /// Transport streams, padding and playlists, in hundredths.
    static let wrapping = 108

    /// Bytes these slices will take.
    static func bytes(_ slices: [Slice], _ renditions: [Rendition], _ plan: SegmentPlan) -> Int64 {
        var sum: Int64 = 0
        for slice in slices where slice.attempt == nil {
            let ticks = plan.start(of: slice.range.upperBound) - plan.start(of: slice.range.lowerBound)
            let milliseconds = max(1, ticks / (Ticks.perSecond / 1000))
            for rendition in renditions where slice.ordinals.contains(rendition.ordinal) {
                let share = Int64(rendition.copied || rendition.kind != .video ? 100 : usual)
                sum += max(rendition.cap, 8000) / 8 * milliseconds / 1000 * share / 100 * Int64(wrapping) / 100
            }
        }
        return sum
    }
}
