internal import CPostgres
internal import Glibc

/// One connection to PostgreSQL, used by one thread. It connects when first needed and again after it broke.
@safe public final class Connection {
    private let address: String
    private let application: String
    private var connection: OpaquePointer?
    private var listening: [String] = []
    /// The names of the statements that the server keeps for this connection, by their text.
    private var prepared: [String: String] = [:]
    private var preparations = 0

    /// - Parameters:
    ///   - address: a libpq connection string or URI; may hold a password, so it is never printed.
    ///   - application: what `pg_stat_activity` shows.
    public init(_ address: String, application: String) {
        self.address = address
        self.application = application
    }

    deinit { close() }

    /// Closes the connection; the next statement opens a new one.
    public func close() {
        if let connection = unsafe connection { unsafe PQfinish(connection) }
        unsafe connection = nil
        prepared = [:]
    }

    /// Connects if there is no connection or it broke.
    @discardableResult
    private func ready() throws(DatabaseError) -> OpaquePointer {
        if let connection = unsafe connection {
            if unsafe PQstatus(connection) == CONNECTION_OK, unsafe !Self.hasEnded(connection) {
                return unsafe connection
            }
            close()
        }
        let options = "-c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
        guard
            let made = unsafe connect([
                ("dbname", address), ("application_name", application), ("connect_timeout", "5"),
                ("client_encoding", "UTF8"), ("options", options), ("keepalives_idle", "30"),
            ])
        else { throw .unavailable(detail: "out of memory") }
        if unsafe PQstatus(made) != CONNECTION_OK {
            let detail = unsafe Self.words(PQerrorMessage(made))
            unsafe PQfinish(made)
            throw .unavailable(detail: detail)
        }
        unsafe connection = unsafe made
        unsafe PQsetNoticeProcessor(made, { _, _ in }, nil)
        for channel in listening { try listen(on: channel) }
        return unsafe made
    }

    /// Whether the server ended the connection while nobody used it, as it does when it restarts: such a one is replaced
    /// before the next statement instead of failing it. In a transaction nothing is looked at: it must fail there.
    private static func hasEnded(_ connection: OpaquePointer) -> Bool {
        guard unsafe PQtransactionStatus(connection) == PQTRANS_IDLE else { return false }
        for _ in 0..<8 {
            var socket = unsafe pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&socket, 1, 0) > 0 else { return false }
            if unsafe PQconsumeInput(connection) == 0 || PQstatus(connection) != CONNECTION_OK { return true }
        }
        return false
    }

    private func connect(_ settings: [(String, String)]) -> OpaquePointer? {
        var names: [UnsafePointer<CChar>?] = unsafe settings.map { unsafe UnsafePointer(strdup($0.0)) }
        var values: [UnsafePointer<CChar>?] = unsafe settings.map { unsafe UnsafePointer(strdup($0.1)) }
        unsafe names.append(nil)
        unsafe values.append(nil)
        defer { unsafe Self.release(names + values) }
        return unsafe PQconnectdbParams(names, values, 1)
    }

    // MARK: Statements

    /// Runs one statement and gives its rows.
    @discardableResult
    public func query(_ statement: SQL) throws(DatabaseError) -> Rows {
        let connection = unsafe try ready()
        let values = try Parameters(statement.values)
        let result = unsafe PQexecParams(
            connection, statement.text, Int32(statement.values.count), nil, values.pointers, values.lengths,
            values.formats, 0)
        return unsafe try outcome(result, connection)
    }

    /// Runs one statement that is asked again and again, and whose best plan is the same for all its values: PostgreSQL
    /// reads it once for each connection, and after a few times plans it no more (PREPARE in its manual).
    @discardableResult
    public func query(prepared statement: SQL) throws(DatabaseError) -> Rows {
        let connection = unsafe try ready()
        let text = statement.text
        let name: String
        if let known = prepared[text] {
            name = known
        } else {
            if prepared.count == Self.mostPrepared { return try query(statement) }
            preparations += 1
            name = "s\(preparations)"
            _ = unsafe try outcome(PQprepare(connection, name, text, 0, nil), connection)
            prepared[text] = name
        }
        let values = try Parameters(statement.values)
        let result = unsafe PQexecPrepared(
            connection, name, Int32(statement.values.count), values.pointers, values.lengths, values.formats, 0)
        do throws(DatabaseError) { return unsafe try outcome(result, connection) } catch {
            // A migration changed its columns (feature_not_supported), or somebody discarded it (invalid_sql_statement_name).
            guard case .failed(let state, _) = error, ["0A000", "26000"].contains(state) else { throw error }
            prepared[text] = nil
            guard unsafe PQtransactionStatus(connection) == PQTRANS_IDLE else { throw error }
            return try query(statement)
        }
    }

    /// Statements that a connection keeps prepared; more are read each time.
    private static let mostPrepared = 200

    /// A statement's values as libpq takes them.
    @safe private struct Parameters: ~Copyable {
        private(set) var pointers: [UnsafePointer<CChar>?] = unsafe []
        private(set) var lengths: [Int32] = []
        private(set) var formats: [Int32] = []

        init(_ values: [SQL.Value]) throws(DatabaseError) {
            // Before anything is copied: what throws here runs no deinit.
            for case .text(let text) in values where text.utf8.contains(0) { throw .unrepresentable }
            for value in values {
                switch value {
                case .null: unsafe add(nil, length: 0, isBinary: false)
                case .text(let text): unsafe add(strdup(text), length: 0, isBinary: false)
                case .bytes(let bytes):
                    guard let copy = unsafe malloc(max(1, bytes.count))?.assumingMemoryBound(to: UInt8.self) else {
                        throw .unavailable(detail: "out of memory")
                    }
                    unsafe bytes.withUnsafeBufferPointer { source in
                        if let base = source.baseAddress { unsafe copy.update(from: base, count: bytes.count) }
                    }
                    unsafe add(
                        UnsafeRawPointer(copy).assumingMemoryBound(to: CChar.self), length: bytes.count, isBinary: true)
                }
            }
        }

        private mutating func add(_ pointer: UnsafePointer<CChar>?, length: Int, isBinary: Bool) {
            unsafe pointers.append(pointer)
            lengths.append(Int32(clamping: length))
            formats.append(isBinary ? 1 : 0)
        }

        deinit { unsafe Connection.release(pointers) }
    }

    /// Runs a file of statements, as migrations need it. Never with text that a client wrote.
    public func run(script: String) throws(DatabaseError) {
        let connection = unsafe try ready()
        _ = unsafe try outcome(PQexec(connection, script), connection)
    }

    /// Runs `body` in one transaction: committed when it returns, rolled back when it throws.
    public func transaction<R>(_ body: () throws(DatabaseError) -> R) throws(DatabaseError) -> R {
        try query("begin")
        do throws(DatabaseError) {
            let value = try body()
            try query("commit")
            return value
        } catch {
            _ = try? query("rollback")
            throw error
        }
    }

    /// Runs `body`, which may fail for reasons of its own, in one transaction: committed when it returns, rolled back
    /// when it throws.
    ///
    /// - Parameter wrap: what the caller calls an error of the database.
    public func transaction<R, E: Error>(
        as wrap: (DatabaseError) -> E, _ body: () throws(E) -> R
    ) throws(E) -> R {
        do throws(DatabaseError) { try query("begin") } catch { throw wrap(error) }
        let value: R
        do throws(E) { value = try body() } catch {
            _ = try? query("rollback")
            throw error
        }
        do throws(DatabaseError) { try query("commit") } catch {
            _ = try? query("rollback")
            throw wrap(error)
        }
        return value
    }

    private func outcome(_ result: OpaquePointer?, _ connection: OpaquePointer) throws(DatabaseError) -> Rows {
        guard let result = unsafe result else {
            let detail = unsafe Self.words(PQerrorMessage(connection))
            close()
            throw .unavailable(detail: detail)
        }
        let rows = unsafe Rows(result)
        switch unsafe PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: return rows
        default: break
        }
        let state = unsafe Self.field(result, 67)  // PG_DIAG_SQLSTATE, 'C'
        let detail = unsafe Self.field(result, 77)  // PG_DIAG_MESSAGE_PRIMARY, 'M'
        if unsafe PQstatus(connection) != CONNECTION_OK || state.hasPrefix("08") || state.hasPrefix("57P")
            || state.isEmpty
        {
            close()
            throw .unavailable(detail: detail)
        }
        if state.hasPrefix("23") { throw .constraint(unsafe Self.field(result, 110)) }  // PG_DIAG_CONSTRAINT_NAME, 'n'
        if state == "40001" || state == "40P01" { throw .conflict }
        throw .failed(state: state, detail: detail)
    }

    // MARK: Notifications

    /// Subscribes to a channel; kept over reconnects. The name is a plain identifier of ours.
    public func listen(to channel: StaticString) throws(DatabaseError) {
        let name = "\(channel)"
        try listen(on: name)
        if !listening.contains(name) { listening.append(name) }
    }

    private func listen(on channel: String) throws(DatabaseError) {
        guard let connection = unsafe connection else { return try reconnectAndListen(channel) }
        _ = unsafe try outcome(PQexec(connection, "listen \(channel)"), connection)
    }

    private func reconnectAndListen(_ channel: String) throws(DatabaseError) {
        let connection = unsafe try ready()
        _ = unsafe try outcome(PQexec(connection, "listen \(channel)"), connection)
    }

    /// The socket to wait on, or `nil` without a connection.
    public var socket: Int32? {
        guard let connection = unsafe connection else { return nil }
        let number = unsafe PQsocket(connection)
        return number >= 0 ? number : nil
    }

    /// Takes in what arrived and drains the notifications: one that came during another statement is found here only.
    ///
    /// - Returns: the payloads with their channels.
    public func notifications() throws(DatabaseError) -> [(channel: String, payload: String)] {
        let connection = unsafe try ready()
        if unsafe PQconsumeInput(connection) == 0 {
            let detail = unsafe Self.words(PQerrorMessage(connection))
            close()
            throw .unavailable(detail: detail)
        }
        var all: [(channel: String, payload: String)] = []
        while let notification = unsafe PQnotifies(connection) {
            all.append(
                (
                    unsafe String(cString: notification.pointee.relname),
                    unsafe String(cString: notification.pointee.extra)
                ))
            unsafe PQfreemem(notification)
        }
        return all
    }

    private static func release(_ copies: [UnsafePointer<CChar>?]) {
        for index in unsafe copies.indices { unsafe free(UnsafeMutablePointer(mutating: copies[index])) }
    }

    private static func words(_ message: UnsafePointer<CChar>?) -> String {
        guard let message = unsafe message else { return "" }
        return unsafe String(String(cString: message).split(separator: "\n").first ?? "")
    }

    private static func field(_ result: OpaquePointer, _ code: Int32) -> String {
        guard let text = unsafe PQresultErrorField(result, code) else { return "" }
        return unsafe String(cString: text)
    }
}
