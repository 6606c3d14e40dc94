internal import Core
internal import Crypto
internal import Foundation
internal import POSIX

/// `reelgate signers …`: further keys that playback tokens are signed with, each under an id (`kid`). Running gates and
/// API processes follow the file within five seconds.
enum SignerCommands {
    /// Seconds after which every process knows a change.
    private static let settling: Int64 = 5

    static func add(_ words: [String]) throws -> Int32 {
        let usage = "reelgate signers add [--kid ID] [--secret-file FILE]"
        let options = try Options(words, names: ["--kid", "--secret-file"], usage: usage)
        guard options.rest.isEmpty else { throw WrongWords(description: "usage: \(usage)") }
        let random = try Random.bytes(4)
        let id = options["--kid"] ?? "k\(Hex.encode(random))"
        guard Slug(id) != nil else {
            throw WrongWords(description: "an id is 1 to 64 letters, digits, _ and -\nusage: \(usage)")
        }
        let file = try keysFile()
        let made = try Random.bytes(32)
        var secret = Base64URL.encode(made.span)
        if let source = options["--secret-file"] {
            guard let text = Files.text(source) else { throw Failure("\(source) can't be read") }
            secret = text.utf8.last == 10 ? String(text.dropLast()) : text
            guard !secret.isEmpty, secret.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
                throw Failure("the secret must be one word of printable characters")
            }
        }
        let nothing: [UInt8] = []
        if !Files.exists(file) { try Files.replace(file, with: nothing.span) }
        try change(file) { text, list in
            if list.ids.contains(id) { throw Failure("there is a key \(id) already") }
            return SigningKeyList.adding(id, secret: secret, to: text)
        }
        if options["--secret-file"] == nil {
            print("\(id) \(secret)")
            complain("Keep it now, with your back end: it is not shown again.")
        } else {
            print("added \(id)")
        }
        return 0
    }

    static func list(_ words: [String]) throws -> Int32 {
        _ = try Options(words, usage: "reelgate signers list")
        let file = try keysFile()
        guard let text = Files.text(file) else { throw Failure("\(file) can't be read") }
        let list = try parsed(text)
        print("SECRET_KEY (tokens without a kid)\(list.signing == nil ? "  signs" : "")")
        for id in list.ids { print("\(id)\(list.signing == id ? "  signs" : "")") }
        return 0
    }

    static func retire(_ words: [String]) throws -> Int32 {
        let id = try one(words, usage: "reelgate signers retire ID")
        try change(keysFile()) { text, list in
            guard list.ids.contains(id) else { throw Failure("there is no key \(id)") }
            if list.signing == id {
                throw Failure("new tokens are signed with \(id): `reelgate signers use` another one first")
            }
            return SigningKeyList.retiring(id, in: text)
        }
        print("retired \(id): its tokens are refused within \(settling) seconds")
        return 0
    }

    static func use(_ words: [String]) throws -> Int32 {
        let id = try one(words, usage: "reelgate signers use ID, or SECRET_KEY")
        let file = try keysFile()
        // A key that some gate does not know yet would sign tokens which that gate refuses.
        if let status = Files.status(file) {
            let left = status.modified + settling + 1 - Clocks.wallSeconds()
            if left > 0 { Clocks.sleep(milliseconds: Int(min(left, settling + 1)) * 1000) }
        }
        let kid: String? = id == "SECRET_KEY" ? nil : id
        try change(file) { text, list in
            if let kid, !list.ids.contains(kid) { throw Failure("there is no key \(kid)") }
            return SigningKeyList.using(kid, in: text)
        }
        print("new tokens are signed with \(id)")
        return 0
    }

    private static func one(_ words: [String], usage: String) throws -> String {
        let options = try Options(words, usage: usage)
        guard options.rest.count == 1, let id = options.rest.first else {
            throw WrongWords(description: "usage: \(usage)")
        }
        return id
    }

    private static func keysFile() throws -> String {
        guard let file = Host.environment()["SIGNING_KEYS_FILE"], !file.isEmpty else {
            throw Failure("SIGNING_KEYS_FILE is not set: it names the file that holds the keys")
        }
        return file
    }

    /// Reads, changes, checks and writes the file, alone: whoever else changes it waits.
    private static func change(_ file: String, _ edit: (String, SigningKeyList) throws -> String) throws {
        let alone = try Descriptor(reading: Files.parent(of: file))
        try alone.lock()
        guard let text = Files.text(file) else { throw Failure("\(file) can't be read") }
        let changed = try edit(text, try parsed(text))
        _ = try parsed(changed)
        try Files.rewrite(file, with: Array(changed.utf8).span)
    }

    private static func parsed(_ text: String) throws -> SigningKeyList {
        var environment = Host.environment()
        environment["SIGNING_KEYS_FILE"] = nil
        do throws(SettingsError) {
            let settings = try Settings(environment, need: .tokens)
            let own: [UInt8] = settings.secretKey.reveal { $0 }
            let people: [UInt8] = settings.jwtSecret.reveal { $0 }
            return try SigningKeyList(parsing: text, unlike: people.isEmpty ? [own] : [own, people])
        } catch { throw Failure("\n\(error)") }
    }

    private static func complain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
