public import Core

extension NewJob {
    /// The first job of an accepted upload: whoever accepts it adds this in the transaction that stores the task.
    /// Its handler retires older tasks of the lesson, moves the file, plans, and makes the lesson playable.
    ///
    /// - Parameters:
    ///   - task: the task's id, which is also the upload's file name.
    ///   - owner: the trainer, so that workers take turns between trainers.
    public static func prepare(task: UUID, owner: String) -> NewJob {
        NewJob(
            "prepare", ["task": .string(task.description)], task: task, owner: owner, priority: 1000,
            maxAttempts: 20)
    }

    /// Brings the captions of a video into its publication: whoever changes them adds this in the same transaction.
    ///
    /// - Parameters:
    ///   - video: the video's id.
    ///   - owner: the trainer.
    public static func captions(video: String, owner: String) -> NewJob {
        NewJob("captions", ["video": .string(video)], owner: owner, priority: 600, maxAttempts: 12)
    }
}
