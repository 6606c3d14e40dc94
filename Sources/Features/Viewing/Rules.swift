public import Core
public import Tokens
public import Web

/// What is decided about watching.
public enum ViewingRules {
    /// A view is so many seconds that were played, or this share of a short title; one a person and title within `viewWindow`
    /// seconds counts.
    static let viewSeconds = 30.0
    static let viewShare = 0.1
    static let viewWindow: Int64 = 4 * 3600
    /// The share of a title behind which it is finished: what is left are the credits.
    static let completionShare = 0.95
    /// How fast a player plays at most, and the seconds that reports may be late by.
    static let fastest = 2.0
    static let lateness = 2.0
    /// The longest title, in seconds.
    static let longestTitle = 604_800.0

    // MARK: Who may watch

    /// Whether somebody may watch: what is not published is not there, what is above his subscription is refused. An admin
    /// may see everything, whoever uploaded a video his own. A lesson that no title plays is for those two alone.
    ///
    /// - Parameters:
    ///   - playable: what.
    ///   - user: who asks.
    ///   - role: as what.
    ///   - viewer: his subscription.
    ///   - now: wall-clock seconds.
    /// - Returns: the video that plays.
    /// - Throws: 403, 404; 400 for a series.
    public static func mayWatch(
        _ playable: Playable, user: String, role: Role, _ viewer: Viewer, now: Int64
    ) throws(Problem) -> PlayableVideo {
        if viewer.isDisabled { throw Problem(.suspended) }
        if role != .admin, !isOwn(playable, user: user, role: role) {
            switch playable.key {
            case .lesson: throw Problem(.notEntitled)
            case .content:
                guard isOpen(playable, now: now) else { throw Problem(.notFound) }
                guard viewer.level >= playable.level else {
                    throw Problem(.notEntitled, detail: "This needs the subscription \(playable.level.rawValue).")
                }
            }
        }
        if playable.isSeries {
            throw Problem(.badRequest, detail: "A series plays by its episodes: name one of them.")
        }
        guard let video = playable.video, video.isReady else { throw Problem(.notReady) }
        // Their tokens name the uploader, so that no one else's streams could be counted.
        if video.rel.isOlder {
            throw Problem(.notFound, detail: "A video of the older routes plays by their tokens alone.")
        }
        return video
    }

    /// Whether it is published at the moment.
    public static func isOpen(_ playable: Playable, now: Int64) -> Bool {
        guard let opens = playable.opens, opens <= now else { return false }
        return playable.closes.map { now < $0 } ?? true
    }

    private static func isOwn(_ playable: Playable, user: String, role: Role) -> Bool {
        guard role == .instructor, let video = playable.video else { return false }
        return user.utf8.elementsEqual(video.owner.utf8) || user.utf8.elementsEqual(video.rel.trainer.description.utf8)
    }

    // MARK: What a player says

    /// Reads what somebody wants to watch.
    ///
    /// - Throws: 400 unless exactly one of `content_id` and `video_id` is there, in its form.
    public static func wish(_ body: JSON) throws(Problem) -> ViewingWish {
        let title: TitleReference
        switch (body["content_id"], body["video_id"]) {
        case (.some(let given), nil):
            guard let id = UUID(given.string ?? "") else {
                throw Problem(.badRequest, detail: "content_id must be a title's id.")
            }
            title = .content(id)
        case (nil, .some(let given)):
            guard let reference = VideoReference(given.string ?? "") else {
                throw Problem(.badRequest, detail: "video_id must be a video's id or its lesson's path.")
            }
            title = .video(reference)
        case (nil, nil): throw Problem(.fieldMissing, detail: "content_id or video_id is required.")
        case (.some, .some): throw Problem(.badRequest, detail: "Only one of content_id and video_id can be given.")
        }
        var device = ""
        if let given = body["device"] {
            guard let text = given.string, (1...128).contains(text.unicodeScalars.count),
                !text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 })
            else {
                throw Problem(.badRequest, detail: "device has 1 to 128 characters, without control characters.")
            }
            device = text
        }
        var platform = Platform.web
        if let given = body["platform"] {
            guard let known = Platform(rawValue: given.string ?? "") else {
                throw Problem(.badRequest, detail: "platform must be web or mobile.")
            }
            platform = known
        }
        return ViewingWish(title: title, device: device, platform: platform)
    }

    /// Reads what a player is doing.
    ///
    /// - Throws: 400 without a position that a title can have, or for another state.
    public static func report(_ body: JSON) throws(Problem) -> Report {
        guard let position = try position(body) else { throw Problem(.fieldMissing, detail: "position is required.") }
        guard let given = body["state"] else { return Report(position: position, state: .playing) }
        guard let state = ViewingState(rawValue: given.string ?? ""), state != .ended else {
            throw Problem(.badRequest, detail: "state must be playing or paused.")
        }
        return Report(position: position, state: state)
    }

    /// Reads where a player stopped, if it says.
    ///
    /// - Throws: 400 for a position that no title can have.
    public static func end(_ body: JSON?) throws(Problem) -> Report {
        guard let body else { return Report(position: nil, state: .ended) }
        guard case .object = body else { throw Problem(.badRequest, detail: "The body must be an object.") }
        return Report(position: try position(body), state: .ended)
    }

    private static func position(_ body: JSON) throws(Problem) -> Double? {
        guard let given = body["position"] else { return nil }
        guard let seconds = given.double, seconds.isFinite, (0...longestTitle).contains(seconds) else {
            throw Problem(.badRequest, detail: "position must be a number of seconds from 0 to \(Int(longestTitle)).")
        }
        // To the millisecond: PostgreSQL takes no number that is nearly 0.
        return (seconds * 1000).rounded() / 1000
    }

    // MARK: What follows from it

    /// What a report changes.
    ///
    /// Played is what lies between two reports of a session that was playing, if a player can have played it in the time
    /// between, which is the server's: a jump counts nothing, and no clock of a client is asked. What lies behind the end
    /// is the end.
    ///
    /// The history goes where a session is that it followed before, or one that began later, or one that really played:
    /// so the last one that watches decides, by the server's time, and one that only stands still on another device moves
    /// nothing back. A session that is over reports nothing any more.
    ///
    /// - Returns: `nil` when the session is over.
    public static func step(_ report: Report, from standing: Standing) -> Step? {
        if standing.state == .ended { return nil }
        let end = standing.duration > 0 ? standing.duration : longestTitle
        let position = min(max(0, report.position ?? standing.position), end)
        let moved = position - standing.position
        let possible = fastest * max(0, standing.sinceLast)
        let played = standing.state == .playing && moved > 0 && moved <= possible + lateness ? min(moved, possible) : 0
        let watched = standing.watched + played
        let enough =
            standing.duration > 0 ? min(viewSeconds, viewShare * standing.duration) : viewSeconds
        return Step(
            position: position, watched: watched, isView: standing.hasCounted || (watched > 0 && watched >= enough),
            isCompleted: standing.isCompleted || isFinished(position, of: standing.duration),
            leads: standing.isFollowed || standing.isNewest || played > 0)
    }

    /// Whether nothing but the credits is left.
    static func isFinished(_ position: Double, of duration: Double) -> Bool {
        duration > 0 && position >= completionShare * duration
    }

    /// Where a new session goes on: where the last one was, or from the start when that had come to the end.
    public static func resume(_ place: HistoryPlace?) -> Double {
        guard let place, !isFinished(place.position, of: place.duration) else { return 0 }
        return place.position
    }
}
