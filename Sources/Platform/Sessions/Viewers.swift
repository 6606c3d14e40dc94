/// What somebody does who hands out sessions on this host: takes a place before the player asks for anything, and gives it
/// back when the viewer stops.
extension Sessions {
    /// Takes a place for a new session, exactly as its first media would; it is held as long.
    ///
    /// - Parameters:
    ///   - user: whom limits count for, as the session's tokens name him.
    ///   - session: its `sid`.
    ///   - limit: how many streams the user may have, 1…15.
    ///   - now: the moment.
    /// - Returns: whether there was room.
    public func reserve(user: String, session: String, limit: Int, now: Moment) -> Bool {
        let (owner, place) = seat(user, session)
        return takeStream(owner, place, limit: limit, now: now)
    }

    /// Ends a session for good: its tokens are refused from now on, and its place is free.
    ///
    /// The mark comes first: a gate that takes the place between both steps sees it and gives the place back itself.
    ///
    /// - Returns: whether a gate of this host knows the session; if none does, there is nothing here to refuse, and its
    ///   place is free all the same.
    @discardableResult
    public func close(user: String, session: String) -> Bool {
        let (owner, place) = seat(user, session)
        let record = sessions.find(Names.session(owner, place))
        if let record { sessions.raise(.closed, record) }
        streams.release(owner, place)
        return record != nil
    }

    private func seat(_ user: String, _ session: String) -> (owner: UInt64, place: UInt32) {
        let key = sessions.table.key
        let owner = Names.user(Array(user.utf8).span, key: key)
        return (owner, Names.place(owner, Array(session.utf8).span, key: key))
    }
}
