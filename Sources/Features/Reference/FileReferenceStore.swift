internal import POSIX

/// The document, made once, and the files of a directory.
public final class FileReferenceStore: ReferenceStore {
    /// Bytes of a file; Swagger UI has less than a tenth of it.
    private static let largest = 16 << 20

    private let directory: String?
    private let make: () -> [UInt8]

    /// - Parameters:
    ///   - directory: where Swagger UI is installed, if it is.
    ///   - make: makes the document.
    public init(directory: String?, make: @escaping () -> [UInt8]) {
        self.directory = directory
        self.make = make
    }

    /// See `ReferenceStore`.
    public private(set) lazy var document: [UInt8] = make()

    /// See `ReferenceStore`.
    public func file(_ file: PageFile) -> [UInt8]? {
        guard let directory, let open = try? Descriptor(reading: "\(directory)/\(file.rawValue)") else { return nil }
        return try? open.readAll(limit: Self.largest)
    }
}
