internal import Callbacks
internal import Core
internal import Postgres
internal import Transcoding
internal import Uploads

/// Makes an accepted upload's task in the transaction that makes its video; tasks that end by it call back.
final class LessonIntake: LessonMaker {
    private let intake: Intake

    /// - Parameter connection: the uploads' own.
    init(_ connection: Connection) { intake = Intake(connection, announce: announceCallbacks) }

    func make(_ upload: AcceptedUpload, video: String) throws(DatabaseError) {
        try intake.add(
            NewTask(
                id: upload.task, video: video, owner: upload.owner.description, fileExtension: upload.kind,
                originalName: upload.originalName, size: upload.size, facts: upload.facts,
                successURL: upload.callbacks.success, errorURL: upload.callbacks.error,
                callbackRefusal: upload.callbacks.refused))
    }
}

/// What a task that ends outside a worker does about its callbacks.
func announceCallbacks(_ task: UUID, _ connection: Connection) throws(DatabaseError) {
    try PostgresCallbackStore.announce(task, on: connection)
}
