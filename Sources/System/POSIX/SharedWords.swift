internal import CLinux
internal import Glibc
internal import Synchronization

/// 64-bit words in memory that several processes see, each read and written atomically.
///
/// Their meaning belongs to whoever maps them; this type knows only indices.
@safe public struct SharedWords: ~Copyable, @unchecked Sendable {
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    /// How many words there are.
    public let count: Int

    /// Maps the first `count` words of an open file, which is stretched to hold them.
    public init(_ file: borrowing Descriptor, count: Int) throws(SystemError) {
        let bytes = count * 8
        if try file.size() < Int64(bytes) { try file.truncate(to: Int64(bytes)) }
        guard let start = unsafe shim_map_shared(file.raw, bytes) else { throw SystemError("mmap", errno) }
        unsafe words = start.bindMemory(to: Atomic<UInt64>.self, capacity: count)
        self.count = count
    }

    /// A file of `count` words that exists only in memory, to be handed to children; none of them can change its size
    /// (a shrunk file would end with SIGBUS whoever maps it).
    public static func anonymousFile(_ name: String, count: Int) throws(SystemError) -> Descriptor {
        let made = Descriptor(adopting: try retrying("memfd_create") { unsafe shim_memfd(name) })
        try made.truncate(to: Int64(count) * 8)
        let number = made.raw
        try retrying("fcntl") { shim_seal_size(number) }
        return try made.duplicate()
    }

    deinit { unsafe munmap(UnsafeMutableRawPointer(words), count * 8) }

    /// The word's value, or 0 outside the table.
    public borrowing func load(_ index: Int) -> UInt64 {
        guard index >= 0, index < count else { return 0 }
        return unsafe words[index].load(ordering: .sequentiallyConsistent)
    }

    /// Sets the word.
    public borrowing func store(_ value: UInt64, at index: Int) {
        guard index >= 0, index < count else { return }
        unsafe words[index].store(value, ordering: .sequentiallyConsistent)
    }

    /// Sets the word; other processes may see it later than words stored after it.
    public borrowing func storeRelaxed(_ value: UInt64, at index: Int) {
        guard index >= 0, index < count else { return }
        unsafe words[index].store(value, ordering: .relaxed)
    }

    /// Adds, wrapping around, and answers the sum.
    @discardableResult
    public borrowing func add(_ value: UInt64, at index: Int) -> UInt64 {
        guard index >= 0, index < count else { return 0 }
        return unsafe words[index].wrappingAdd(value, ordering: .relaxed).newValue
    }

    /// Sets bits, and answers which of them were set before.
    public borrowing func setBits(_ bits: UInt64, at index: Int) -> UInt64 {
        guard index >= 0, index < count else { return bits }
        return unsafe words[index].bitwiseOr(bits, ordering: .sequentiallyConsistent).oldValue & bits
    }

    /// Clears bits.
    public borrowing func clearBits(_ bits: UInt64, at index: Int) {
        guard index >= 0, index < count else { return }
        unsafe words[index].bitwiseAnd(~bits, ordering: .sequentiallyConsistent)
    }

    /// Puts `new` where `old` stands, and answers whether it stood there.
    public borrowing func exchange(_ old: UInt64, for new: UInt64, at index: Int) -> Bool {
        guard index >= 0, index < count else { return false }
        return unsafe words[index].compareExchange(
            expected: old, desired: new, ordering: .sequentiallyConsistent
        ).exchanged
    }
}
