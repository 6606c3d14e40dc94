public import Core
public import Postgres
public import Storage

/// Keeps what came in.
public protocol UploadStore: AnyObject {
    /// In one transaction: the video's row is made or found and locked, `place` runs, the task and its first job are made
    /// and an older task of the video is superseded.
    ///
    /// - Parameter place: puts files where the task expects them; its failure rolls everything back.
    /// - Throws: `conflict` too when the path is one of two parts and there is a video at it: those are never replaced.
    /// - Returns: what `place` threw, or `nil` when all is committed.
    func accept<E: Error>(_ upload: AcceptedUpload, place: () throws(E) -> Void) throws(DatabaseError) -> E?
    /// The trainers who have a lesson in the course.
    func trainers(ofCourse course: Slug) throws(DatabaseError) -> [String]
}

/// What makes a lesson of an accepted upload.
public protocol LessonMaker: AnyObject {
    /// Inside the transaction that is open on the connection it shares with the caller: supersedes the video's older
    /// tasks, makes the new one with its first job, and makes it the video's.
    ///
    /// - Parameter video: the video's id.
    func make(_ upload: AcceptedUpload, video: String) throws(DatabaseError)
}

/// What judges a file before it is accepted.
public protocol Inspector: AnyObject {
    /// Looks at the file for at most ten seconds.
    func inspect(_ path: String, claiming kind: FileExtension) -> Inspection
}
