public import Core
internal import POSIX
public import Postgres
public import Storage

/// Files on disk, with what PostgreSQL knows of their videos.
public final class PostgresDownloadStore: DownloadStore {
    private let connection: Connection
    private let tree: DataTree

    /// - Parameters:
    ///   - connection: shared with the other stores of the process.
    ///   - tree: where files lie.
    public init(_ connection: Connection, tree: DataTree) {
        self.connection = connection
        self.tree = tree
    }

    /// See `DownloadStore`.
    public func file(
        _ subject: DownloadSubject, named filename: FileName?
    ) throws(DatabaseError) -> Downloadable? {
        switch subject {
        case .lesson(let rel):
            guard try !isDeleted(rel),
                let name = present("\(rel.lesson)_lesson", in: tree.originals(rel), named: filename)
            else { return nil }
            return Downloadable(name: name, title: try title(of: rel, name))
        case .course(let course): return presentation(tree.presentation(course: course), filename)
        case .module(let course, let module):
            return presentation(tree.presentation(course: course, module: module), filename)
        case .older(let user):
            guard let filename, Files.exists("\(tree.originals)/\(user)/\(filename)") else { return nil }
            guard let own = OlderName(filename.description) else { return Downloadable(name: filename, title: nil) }
            let rel = RelPath(user: user, video: own.video)
            if try isDeleted(rel) { return nil }
            return Downloadable(name: filename, title: try title(of: rel, filename))
        }
    }

    /// See `DownloadStore`.
    public func original(of user: Slug, named name: String) throws(DatabaseError) -> OlderName? {
        if let own = OlderName(name) {
            let rel = RelPath(user: user, video: own.video)
            if try isDeleted(rel) { return nil }
            if Files.isDirectory(tree.lesson(rel)) { return own }
        }
        let rows = try connection.query(
            """
            select v.rel, t.extension from videos v join tasks t on t.video_id = v.id
            where v.owner = \(user.description) and t.original_name = \(name) and v.deleted_at is null
                and split_part(v.rel, '/', 3) = ''
            order by t.created_at desc limit 1
            """)
        guard let row = rows.first, let rel = RelPath(stored: try row.value("rel")), rel.isOlder,
            let kind = FileExtension(rawValue: try row.value("extension"))
        else { return nil }
        return OlderName(video: rel.lesson, kind: kind)
    }

    private func isDeleted(_ rel: RelPath) throws(DatabaseError) -> Bool {
        try connection.query(
            "select from videos where rel = \(rel.description) and deleted_at is not null"
        ).count > 0
    }

    private func presentation(_ directory: String, _ filename: FileName?) -> Downloadable? {
        present("presentation", in: directory, named: filename).map { Downloadable(name: $0, title: nil) }
    }

    /// The one file with that stem in a directory, if it is the one that was named.
    private func present(_ stem: String, in directory: String, named filename: FileName?) -> FileName? {
        for kind in FileExtension.allCases where Files.exists("\(directory)/\(stem).\(kind)") {
            guard let name = FileName("\(stem).\(kind)") else { return nil }
            if filename == nil || filename == name { return name }
        }
        return nil
    }

    /// What its sender called it, with the extension it has now.
    private func title(of rel: RelPath, _ name: FileName) throws(DatabaseError) -> String? {
        let rows = try connection.query(
            """
            select t.original_name from tasks t join videos v on v.id = t.video_id
            where v.rel = \(rel.description) and t.original_name <> '' order by t.created_at desc limit 1
            """)
        guard let row = rows.first else { return nil }
        let sent = try row.value("original_name", as: String.self)
        let stem = sent.lastIndex(of: ".").map { String(sent[..<$0]) } ?? sent
        return stem.isEmpty ? nil : "\(stem).\(name.fileExtension)"
    }
}
