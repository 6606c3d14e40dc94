internal import Catalog
internal import Core
internal import Playback
internal import Tokens
internal import Transcoding
internal import Uploads
internal import Web

/// Signs streams of titles as tokens of lessons are signed.
final class StreamDesk: StreamSigner {
    private let playback: Playback

    init(_ playback: Playback) { self.playback = playback }

    func sign(_ wish: StreamWish) throws(Problem) -> StreamPass {
        let pass = try playback.pass(
            user: wish.user, rel: wish.rel, platform: wish.isMobile ? .mobile : .web, streams: wish.streams)
        return StreamPass(
            token: pass.token, expiresIn: pass.lifetime, playlistURL: pass.playlistURL,
            pathPlaylistURL: pass.pathPlaylistURL, session: pass.session)
    }
}

/// Receives films as uploads are received.
final class FilmDesk: FilmReceiver {
    private let uploads: Uploads

    init(_ uploads: Uploads) { self.uploads = uploads }

    func receive(
        _ request: Request, check: (_ text: (String) throws(Problem) -> String?) throws(Problem) -> Void
    ) throws(Problem) -> ReceivedFilm {
        let video = try uploads.receiveLibraryVideo(request, check: check)
        return ReceivedFilm(
            video: video.id, task: video.task,
            members: [
                .init("task_id", .string("\(video.task)")), .init("hls_path", .string(video.rel.playlistPath)),
                .init("status_url", .string(video.statusURL)),
            ])
    }
}

/// Tells of tasks as their own route does.
final class TaskDesk: TaskReader {
    private let tasks: TaskRoutes

    init(_ tasks: TaskRoutes) { self.tasks = tasks }

    func task(_ id: UUID) throws(Problem) -> JSON? { try tasks.answer(id) }
}
