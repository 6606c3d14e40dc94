/// What the keeper of a host sees and does.
extension Sessions {
    /// Every session there is a record of.
    public func watch() -> [SessionTable.Entry] { sessions.entries() }

    /// The way of a session's viewer through the title.
    public func coverage(of entry: SessionTable.Entry) -> PacingTable.Coverage? {
        entry.viewer == 0 ? nil : pacing.coverage(entry.viewer)
    }

    /// Milliseconds of different media that the session's viewer fetched since this was last asked.
    public func takeMedia(of entry: SessionTable.Entry) -> Int64 {
        entry.viewer == 0 ? 0 : pacing.takeMedia(entry.viewer)
    }

    /// Refuses a session, or no longer, because its user has too many streams over all hosts.
    public func setSurplus(_ isSurplus: Bool, _ entry: SessionTable.Entry) {
        guard let record = sessions.find(entry.key) else { return }
        if isSurplus { sessions.raise(.surplus, record) } else { sessions.lower(.surplus, record) }
    }

    /// The end of a session that was too fast was written down where all hosts read it.
    public func markEnded(_ entry: SessionTable.Entry) {
        if let record = sessions.find(entry.key) { sessions.raise(.endSeen, record) }
    }

    /// Gives the place of a session back at once.
    public func release(_ entry: SessionTable.Entry) {
        streams.release(entry.owner, entry.place)
    }

    /// Tells every gate of the host that the file of revocations is another.
    public func revocationsChanged() { sessions.table.raiseGeneration() }

    /// Where that file lies.
    public var revocationPath: String { revocationFile }

    /// How often a table had no room, by its name.
    public var full: [(table: String, count: UInt64)] {
        [
            ("sessions", sessions.table.full), ("streams", streams.full), ("devices", devices.full),
            ("pacing", pacing.full),
        ]
    }
}
