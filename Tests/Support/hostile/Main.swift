import CHostile
import Glibc
import Media
import Sandbox

/// A media helper that is somebody else's by now.
///
/// It is led by the variable HOSTILE, whose words bars divide: `acts` prints what it may be told to try;
/// `ACT|LAYERS|VICTIM|FILE|DIRECTORY|PORT` puts the layers named (`none`, or limits, landlock, seccomp, all) in force, tries the act and says how it went: exit code 0 got
/// through, 9 was refused. Without it, it behaves as a helper whose whole jail is closed, and which then does what
/// the words on descriptor 5 say.
@main
enum Hostile {
    static func main() {
        // Without /proc there are no arguments to be had from Swift.
        let told = unsafe getenv("HOSTILE").map { unsafe String(cString: $0) } ?? ""
        let words = told.split(separator: "|").map { String($0) }
        if words.first == "acts" {
            var number: Int32 = 0
            while let name = unsafe hostile_act_name(number) {
                print(unsafe String(cString: name))
                number += 1
            }
            exit(0)
        }
        words.isEmpty ? Conversation.lead() : act(words)
    }

    private static func act(_ words: [String]) -> Never {
        guard words.count == 6, let victim = Int32(words[2]), let port = Int32(words[5]) else { exit(2) }
        if words[1] != "none" {
            let layers: [String: Jail.Layers] = [
                "limits": .limits, "landlock": .landlock, "seccomp": .seccomp, "all": .all,
            ]
            guard let wanted = layers[words[1]],
                let report = try? Jail.close(memory: 1 << 30, processorSeconds: 1, layers: wanted)
            else { exit(3) }
            if wanted.contains(.limits), !report.limits { exit(4) }
            if wanted.contains(.landlock), report.landlock == 0 { exit(5) }
        }
        let result = unsafe words[3].withCString { file in
            unsafe words[4].withCString { directory in
                var targets = unsafe hostile_targets(victim: victim, file: file, directory: directory, port: port)
                return unsafe hostile_act(words[0], &targets)
            }
        }
        exit(result < 0 ? 2 : result == 0 ? 0 : 9)
    }
}

/// What it says and writes where a helper talks to its worker.
enum Conversation {
    static func lead() -> Never {
        var order = [UInt8](repeating: 0, count: 64)
        let count = unsafe read(5, &order, order.count)
        let words = String(decoding: order.prefix(max(0, count)), as: UTF8.self)
        // Whoever uses up the memory shall meet that limit, however slow the machine's pages come.
        let seconds: Int64 = words == "use up the memory" ? 60 : 2
        guard (try? Jail.close(memory: 1 << 30, processorSeconds: seconds)) != nil else { exit(3) }
        switch words {
        case "keep to the agreement":
            frame()
            say(#"{"event":"done","segments":1,"frames":0}"#)
            exit(0)
        case "garbage for segments": forever { put(3, [UInt8](repeating: 0xA5, count: 65_536)) }
        case "a rendition nobody asked for": frame(ordinal: 77)
        case "a segment nobody asked for": frame(segment: 900)
        case "a segment twice":
            frame()
            frame()
        case "a segment of 2^40 bytes": frame(length: 1 << 40)
        case "more bytes than allowed":
            frame(length: 1 << 21, bytes: 1 << 21)
        case "half a segment":
            frame(length: 1 << 16, bytes: 100)
            say(#"{"event":"done","segments":1,"frames":0}"#)
        case "a gigabyte of text": for _ in 0..<16_384 { put(1, [UInt8](repeating: 0x61, count: 65_536)) }
        case "a gigabyte of log": for _ in 0..<16_384 { put(2, [UInt8](repeating: 0x61, count: 65_536)) }
        case "no JSON": say("{{{{")
        case "a number beyond numbers": say(#"{"event":"done","segments":1e400,"frames":0}"#)
        case "not a number": say(#"{"event":"done","segments":"nan","frames":0}"#)
        case "an event of somebody else": say(#"{"event":"publish","rel":"a/b/c/d"}"#)
        case "100,000 renditions":
            for number in 0..<100_000 {
                say(
                    #"{"event":"rendition","rendition":{"ordinal":\#(number % 65_536),"codecs":"a","width":2,"height":2}}"#
                )
            }
        case "hang and ignore TERM":
            signal(SIGTERM, SIG_IGN)
            for number in Int32(0)...5 { close(number) }
            forever { sleep(100) }
        case "hang in threads":
            for _ in 0..<20 {
                var thread = pthread_t()
                unsafe pthread_create(&thread, nil, { _ in while true { sleep(100) } }, nil)
            }
            forever { sleep(100) }
        case "use up the processor": forever { _ = getpid() }
        case "use up the memory":
            forever {
                guard let place = unsafe malloc(16 << 20) else { abort() }
                unsafe memset(place, 1, 16 << 20)
            }
        case "crash": unsafe UnsafeMutablePointer<UInt8>(bitPattern: 8)?.pointee = 1
        default: exit(2)
        }
        exit(0)
    }

    private static func forever(_ body: () -> Void) { while true { body() } }

    private static func say(_ line: String) { put(1, Array(line.utf8) + [10]) }

    private static func frame(ordinal: UInt16 = 0, segment: UInt32 = 0, length: UInt64 = 16, bytes: Int = 16) {
        let header = FrameHeader(
            ordinal: ordinal, kind: .sound, segment: segment, duration: 540_000, start: 0, length: length)
        put(3, header.bytes)
        put(3, [UInt8](repeating: 9, count: bytes))
    }

    private static func put(_ descriptor: Int32, _ bytes: [UInt8]) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe write(descriptor, $0.baseAddress.map { unsafe $0 + done }, bytes.count - done)
            }
            // Whoever read has gone away.
            if count <= 0 { exit(0) }
            done += count
        }
    }
}
