internal import Core
internal import POSIX

/// What kind of program a `User-Agent` names. Whoever wants to lie can: a rule on it keeps honest programs out.
///
/// Decided by words at the beginning of the header's parts (at its start and behind a blank or a bracket), in the order of
/// the cases: a browser also names engines, a player also names libraries, so the most telling word wins.
public enum AgentClass: String, Sendable, CaseIterable {
    /// No header, or an empty one.
    case none
    /// Fetches files: `curl`, `Wget`, `python-…`, `Go-http-client`, `yt-dlp`, headless browsers, …, and whatever is not
    /// known.
    case tool
    /// Plays files or relays them: VLC, ffmpeg (`Lavf`), mpv, GStreamer, Kodi, OBS.
    case player
    /// Native playback of a phone or television: ExoPlayer, AppleCoreMedia (Safari on iOS too, for the media it plays
    /// itself), CFNetwork, okhttp, Dart, Dalvik.
    case app
    /// Names `Mozilla/5.0` and nothing of the above.
    case browser

    /// The class of a header's value; allocates nothing.
    public init(_ agent: Span<UInt8>) {
        if agent.isEmpty {
            self = .none
        } else if Self.tools(agent) {
            self = .tool
        } else if Self.players(agent) {
            self = .player
        } else if Self.apps(agent) {
            self = .app
        } else {
            self = agent.starts(with: "Mozilla/5.0 (") ? .browser : .tool
        }
    }

    private static func tools(_ agent: Span<UInt8>) -> Bool {
        contains(agent) { word in
            switch word[0] | 0x20 {
            case UInt8(ascii: "a"): begins(word, "aria2/") || begins(word, "axios/") || begins(word, "aiohttp/")
            case UInt8(ascii: "c"): begins(word, "curl/") || begins(word, "charles/")
            case UInt8(ascii: "g"): begins(word, "go-http-client") || begins(word, "guzzlehttp/")
            case UInt8(ascii: "h"):
                begins(word, "headlesschrome") || begins(word, "httpie/") || begins(word, "httpx/")
                    || begins(word, "hls-dl")
            case UInt8(ascii: "j"): begins(word, "java/") || begins(word, "java-http-client")
            case UInt8(ascii: "l"): begins(word, "libwww-perl") || begins(word, "libcurl")
            case UInt8(ascii: "n"): begins(word, "node") || begins(word, "n_m3u8dl")
            case UInt8(ascii: "p"): begins(word, "python") || begins(word, "postman") || begins(word, "phantomjs")
            case UInt8(ascii: "r"): begins(word, "ruby") || begins(word, "reqwest/")
            case UInt8(ascii: "s"): begins(word, "scrapy/") || begins(word, "streamlink/")
            case UInt8(ascii: "w"): begins(word, "wget")
            case UInt8(ascii: "y"): begins(word, "yt-dlp") || begins(word, "youtube-dl")
            default: false
            }
        }
    }

    private static func players(_ agent: Span<UInt8>) -> Bool {
        contains(agent) { word in
            switch word[0] | 0x20 {
            case UInt8(ascii: "f"): begins(word, "ffmpeg") || begins(word, "ffplay")
            case UInt8(ascii: "g"): begins(word, "gstreamer")
            case UInt8(ascii: "k"): begins(word, "kodi/")
            case UInt8(ascii: "l"): begins(word, "libvlc") || begins(word, "lavf") || begins(word, "libmpv")
            case UInt8(ascii: "m"): begins(word, "mpv") || begins(word, "mplayer")
            case UInt8(ascii: "n"): begins(word, "nsplayer/")
            case UInt8(ascii: "o"): begins(word, "obs/") || begins(word, "obs-studio")
            case UInt8(ascii: "v"): begins(word, "vlc")
            case UInt8(ascii: "w"): begins(word, "windows-media-player")
            default: false
            }
        }
    }

    private static func apps(_ agent: Span<UInt8>) -> Bool {
        contains(agent) { word in
            switch word[0] | 0x20 {
            case UInt8(ascii: "a"):
                begins(word, "applecoremedia/") || begins(word, "androidxmedia3/") || begins(word, "avfoundation")
            case UInt8(ascii: "c"): begins(word, "cfnetwork/")
            case UInt8(ascii: "d"): begins(word, "dalvik/") || begins(word, "dart/")
            case UInt8(ascii: "e"): begins(word, "exoplayer")
            case UInt8(ascii: "o"): begins(word, "okhttp/")
            case UInt8(ascii: "r"): begins(word, "roku/")
            case UInt8(ascii: "s"): begins(word, "stagefright/")
            default: false
            }
        }
    }

    /// Whether `fits` holds for what follows one of the places where a word begins.
    private static func contains(_ agent: Span<UInt8>, _ fits: (Span<UInt8>) -> Bool) -> Bool {
        var isStart = true
        for index in agent.indices {
            if isStart, fits(agent.extracting(index..<agent.count)) { return true }
            isStart = agent[index] == 32 || agent[index] == UInt8(ascii: "(") || agent[index] == UInt8(ascii: ";")
        }
        return false
    }

    private static func begins(_ word: Span<UInt8>, _ lower: StaticString) -> Bool {
        guard word.count >= lower.utf8CodeUnitCount else { return false }
        return lower.withBytes { bytes in
            for index in bytes.indices {
                let byte = word[index]
                if (byte >= 65 && byte <= 90 ? byte | 0x20 : byte) != bytes[index] { return false }
            }
            return true
        }
    }
}
