internal import Core
internal import Crypto
internal import POSIX

/// A file of records that all processes of one host map: eight head words, then buckets of records.
///
/// Finding a record takes no lock. Making or reusing one happens under the byte lock of its bucket, which the kernel
/// drops with the process: whoever dies leaves at worst a record that is nobody's. A file of another boot, another
/// format or another size is replaced by a new one, because its times mean nothing any more.
struct TableFile: ~Copyable {
    /// What stands in word 0 of a record that nobody owns: 0 was never used, 1 was left behind.
    static let nobody: UInt64 = 1

    private static let headWords = 8
    /// "reelgate" and the number of this format.
    private static let magic: UInt64 = 0x7265_656c_6761_7465 &+ 1

    /// The words; indices from `start(of:)`.
    let words: SharedWords
    /// The key that names are hashed with: random, the file's own.
    let key: (UInt64, UInt64)
    private let file: Descriptor
    private let shape: Shape

    /// How a table is laid out.
    struct Shape: Equatable {
        /// 64-bit words of a record.
        let record: Int
        /// Records of a bucket.
        let ways: Int
        /// Buckets, a power of two.
        let buckets: Int

        /// Words of the whole file.
        var words: Int { TableFile.headWords + record * ways * buckets }
    }

    /// Opens the table, and makes it where it is not there.
    ///
    /// - Parameters:
    ///   - path: the file; beside it lies `<path>.lock`.
    ///   - boot: names the run of the machine whose clock the records' times are of; empty for times that outlive it.
    init(_ path: String, _ shape: Shape, boot: String) throws(SystemError) {
        let lock = try Descriptor(updating: path + ".lock", mode: 0o660)
        try? Files.setMode(path + ".lock", 0o660)
        try lock.lock()
        var epoch = SipHash(key: (0, 0))
        epoch.add(Array(boot.utf8).span)
        let layout = UInt64(shape.record) << 48 | UInt64(shape.ways) << 32 | UInt64(shape.buckets)
        let head = [Self.magic, layout, epoch.finish()]
        if let found = try Self.open(path, shape, head) {
            self = found
            return
        }
        let fresh = path + ".new"
        try Files.remove(fresh)
        let made = try Descriptor(creating: fresh, mode: 0o660)
        try Files.setMode(fresh, 0o660)
        let words = try SharedWords(made, count: shape.words)
        var generator = SystemRandomNumberGenerator()
        words.store(generator.next(), at: 3)
        words.store(generator.next(), at: 4)
        for (index, word) in head.enumerated() { words.store(word, at: index) }
        try Files.rename(fresh, to: path)
        guard let found = try Self.open(path, shape, head) else { throw SystemError("table", 5) }
        self = found
    }

    private static func open(_ path: String, _ shape: Shape, _ head: [UInt64]) throws(SystemError) -> TableFile? {
        guard let status = Files.status(path), status.size == Int64(shape.words * 8) else { return nil }
        let file = try Descriptor(updating: path)
        let words = try SharedWords(file, count: shape.words)
        for (index, word) in head.enumerated() where words.load(index) != word { return nil }
        let key = (words.load(3), words.load(4))
        return TableFile(words: words, key: key, file: file, shape: shape)
    }

    private init(words: consuming SharedWords, key: (UInt64, UInt64), file: consuming Descriptor, shape: Shape) {
        self.words = words
        self.key = key
        self.file = file
        self.shape = shape
    }

    /// How many records there are.
    var records: Int { shape.ways * shape.buckets }

    /// Where a record's words begin.
    func start(of record: Int) -> Int { Self.headWords + record * shape.record }

    /// How often no record was to be had.
    var full: UInt64 { words.load(5) }

    /// A number of the table's own that processes tell each other something with.
    var generation: UInt64 { words.load(6) }

    /// Raises that number.
    func raiseGeneration() { words.add(1, at: 6) }

    /// Where the record of `owner` begins, or `nil`.
    func find(_ owner: UInt64) -> Int? {
        let first = bucket(of: owner) * shape.ways
        for record in first..<(first + shape.ways) where words.load(start(of: record)) == owner {
            return start(of: record)
        }
        return nil
    }

    /// Where the record of `owner` begins; one is made where there is none.
    ///
    /// - Parameters:
    ///   - staleness: how long a record has been of no use to anybody; `nil` while it may not be taken. Asked again
    ///     after the record was marked as nobody's, because its owner may have come back in between.
    ///   - prepare: writes the new record's words but the first.
    /// - Returns: `nil` when every record of the bucket is in use.
    func claim(_ owner: UInt64, staleness: (Int) -> UInt32?, prepare: (Int) -> Void) -> Int? {
        let bucket = bucket(of: owner)
        guard lock(bucket) else { return nil }
        defer { unlock(bucket) }
        if let found = find(owner) { return found }
        let records = (bucket * shape.ways)..<(bucket * shape.ways + shape.ways)
        for record in records {
            let at = start(of: record)
            if words.load(at) <= Self.nobody { return take(at, owner, prepare) }
        }
        var candidates = records.compactMap { record in
            staleness(start(of: record)).map { (at: start(of: record), staleness: $0) }
        }
        candidates.sort { $0.staleness > $1.staleness }
        for candidate in candidates {
            let old = words.load(candidate.at)
            // Nobody's: whoever claims something in it now sees that and gives it back.
            words.store(Self.nobody, at: candidate.at)
            if staleness(candidate.at) != nil { return take(candidate.at, owner, prepare) }
            words.store(old, at: candidate.at)
        }
        words.add(1, at: 5)
        return nil
    }

    /// Runs `body` while no other process makes, reuses or describes a record in the bucket of `owner`.
    func exclusively(_ owner: UInt64, _ body: () -> Void) {
        let bucket = bucket(of: owner)
        guard lock(bucket) else { return }
        defer { unlock(bucket) }
        body()
    }

    // The locks lie behind the file's end, where nothing else is locked.
    private func lock(_ bucket: Int) -> Bool { (try? file.lockByte(shape.words * 8 + bucket)) != nil }
    private func unlock(_ bucket: Int) { file.unlockByte(shape.words * 8 + bucket) }

    private func take(_ at: Int, _ owner: UInt64, _ prepare: (Int) -> Void) -> Int {
        prepare(at)
        words.store(owner, at: at)
        return at
    }

    private func bucket(of owner: UInt64) -> Int { Int(truncatingIfNeeded: owner >> 3) & (shape.buckets - 1) }
}
