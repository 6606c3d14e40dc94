extension Settings {
    /// Whose Firebase ID tokens are taken, and where the certificates are that sign them.
    public struct Firebase: Sendable, Equatable {
        /// The project's id.
        public let project: String
        /// Where the set of certificates is.
        public let certificates: String
        /// Whether that is https; otherwise it is http on this host.
        public let isSecure: Bool

        /// - Parameters: as the properties.
        public init(project: String, certificates: String, isSecure: Bool) {
            self.project = project
            self.certificates = certificates
            self.isSecure = isSecure
        }

        /// Google's own set for Firebase.
        public static let google =
            "https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com"
    }
}

extension SettingsReader {
    /// `FIREBASE_PROJECT_ID` and `FIREBASE_CERTS_URL`; `nil` where no project is named.
    mutating func firebase() -> Settings.Firebase? {
        let address = text("FIREBASE_CERTS_URL", needed: false)
        var secure = true
        if let address {
            guard let kind = Self.certificatesKind(address) else {
                mistake("FIREBASE_CERTS_URL must be an https URL, or one of http on 127.0.0.1 or localhost")
                return nil
            }
            secure = kind
        }
        guard let project = text("FIREBASE_PROJECT_ID", needed: false) else {
            if address != nil { mistake("FIREBASE_CERTS_URL needs FIREBASE_PROJECT_ID") }
            return nil
        }
        guard Self.isProject(project) else {
            mistake(
                "FIREBASE_PROJECT_ID must be a project's id: 6 to 30 small letters, digits and hyphens, a letter first")
            return nil
        }
        return Settings.Firebase(
            project: project, certificates: address ?? Settings.Firebase.google, isSecure: secure)
    }

    /// A project's id as Google gives them out.
    private static func isProject(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (6...30).contains(bytes.count), let first = bytes.first, first >= 97, first <= 122, bytes.last != 45
        else {
            return false
        }
        return bytes.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 45 }
    }

    /// Whether it is https; `nil` for anything but an https URL, or an http URL of this host.
    private static func certificatesKind(_ text: String) -> Bool? {
        let bytes = Array(text.utf8)
        guard bytes.count <= 512, bytes.allSatisfy({ $0 > 32 && $0 < 127 && !"\"\\#<>".utf8.contains($0) }) else {
            return nil
        }
        let parts = bytes.split(separator: UInt8(ascii: "/"), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3 else { return nil }
        let front = parts[..<3].joined(separator: [UInt8(ascii: "/")])
        guard let origin = Origin(String(decoding: Array(front), as: UTF8.self)), !origin.isWildcard else { return nil }
        let normal = origin.description
        if normal.hasPrefix("https://") { return true }
        let loopback = ["http://127.0.0.1", "http://localhost"].contains { normal == $0 || normal.hasPrefix($0 + ":") }
        return loopback ? false : nil
    }
}
