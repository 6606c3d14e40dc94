/// Has what others made: the document, and Swagger UI's files.
public protocol ReferenceStore: AnyObject {
    /// The API's description as JSON; the same bytes at every call.
    var document: [UInt8] { get }
    /// A file's bytes, or `nil` when it is not installed.
    func file(_ file: PageFile) -> [UInt8]?
}
