/// Every reason the product gives for not doing what was asked: one list, with its status and its sentence.
///
/// The raw value is the stable `code` in answers, in `X-Reelgate-Reason` and in tasks. nginx's map and the pages' texts
/// are made from, and tested against, this list.
public enum Refusal: String, CaseIterable, Sendable, Error {
    // Playback tokens (401)
    case tokenMissing = "token_missing"
    case tokenMalformed = "token_malformed"
    case tokenSignature = "token_signature"
    case tokenKey = "token_key"
    case tokenExpired = "token_expired"
    case tokenNotYet = "token_not_yet"
    case tokenType = "token_type"
    // Playback (403)
    case rel, platform, transport, referrer
    case referrerMissing = "referrer_missing"
    case path, revoked
    case limitStreams = "limit_streams"
    case limitDevices = "limit_devices"
    case limitPlays = "limit_plays"
    case address, country, agent, suspended
    case notEntitled = "not_entitled"
    // Playback and services (503)
    case paced
    case gateUnavailable = "gate_unavailable"
    case apiUnavailable = "api_unavailable"
    case method
    case notFound = "not_found"
    case notReady = "not_ready"
    // Callers of the API
    case credentialsMissing = "credentials_missing"
    case credentialsInvalid = "credentials_invalid"
    case scope
    case tooMany = "too_many"
    // Accounts
    case signInFailed = "sign_in_failed"
    case passwordWrong = "password_wrong"
    case totpRequired = "totp_required"
    case totpInvalid = "totp_invalid"
    case refreshInvalid = "refresh_invalid"
    case accountDisabled = "account_disabled"
    case emailUnverified = "email_unverified"
    case emailTaken = "email_taken"
    case registrationClosed = "registration_closed"
    case linkInvalid = "link_invalid"
    case signInAgain = "sign_in_again"
    // Requests
    case badRequest = "bad_request"
    case mediaType = "media_type"
    case fieldMissing = "field_missing"
    case fileMissing = "file_missing"
    case fileType = "file_type"
    case tooLarge = "too_large"
    case noRoom = "no_room"
    case conflict
    case range
    case internalError = "internal"
    // Files that can't become a lesson; a task shows them
    case notMedia = "not_media"
    case truncated
    case noStreams = "no_streams"
    case codec
    case encrypted
    case pixels
    case streams
    case duration
    case frames
    case output
    case helperFailed = "helper_failed"
    case helperTimeout = "helper_timeout"
    // Files of captions
    case captionsLanguage = "captions_language"
    case captionsFormat = "captions_format"
    case captionsTime = "captions_time"
    case captionsAmount = "captions_amount"
    // Tasks and callbacks
    case superseded
    case cancelled
    case callbackUrl = "callback_url"
    case callbackAddress = "callback_address"
    case callbackFailed = "callback_failed"
    /// Anything nginx can't name.
    case refused

    /// The stable code.
    public var code: String { rawValue }

    /// The HTTP status it is answered with.
    public var status: Int {
        switch self {
        case .tokenMissing, .tokenMalformed, .tokenSignature, .tokenKey, .tokenExpired, .tokenNotYet, .tokenType,
            .credentialsMissing, .credentialsInvalid, .signInFailed, .totpRequired, .totpInvalid, .refreshInvalid,
            .signInAgain:
            401
        case .rel, .platform, .transport, .referrer, .referrerMissing, .path, .revoked, .limitStreams, .limitDevices,
            .limitPlays, .address, .country, .agent, .suspended, .notEntitled, .scope, .refused, .accountDisabled,
            .emailUnverified, .passwordWrong, .registrationClosed:
            403
        case .notFound, .notReady: 404
        case .method: 405
        case .conflict, .superseded, .cancelled, .emailTaken: 409
        case .tooLarge: 413
        case .mediaType: 415
        case .range: 416
        case .tooMany: 429
        case .internalError, .helperFailed, .helperTimeout: 500
        case .paced, .gateUnavailable, .apiUnavailable: 503
        case .noRoom: 507
        case .badRequest, .fieldMissing, .fileMissing, .fileType, .notMedia, .truncated, .noStreams, .codec,
            .encrypted, .pixels, .streams, .duration, .frames, .output, .callbackUrl, .callbackAddress,
            .callbackFailed, .linkInvalid, .captionsLanguage, .captionsFormat, .captionsTime, .captionsAmount:
            400
        }
    }

    /// The status' own words (RFC 9110), as a problem's `title`.
    public var title: String { Self.title(of: status) }

    /// The words of a status.
    public static func title(of status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 503: "Service Unavailable"
        case 507: "Insufficient Storage"
        default: "Internal Server Error"
        }
    }

    /// One sentence for whoever asked; says nothing about our insides.
    public var sentence: String {
        switch self {
        case .tokenMissing: "A playback token is required."
        case .tokenMalformed: "The playback token is not valid."
        case .tokenSignature: "The playback token's signature does not match."
        case .tokenKey: "The playback token names an unknown key."
        case .tokenExpired: "The playback token has expired."
        case .tokenNotYet: "The playback token is not valid yet."
        case .tokenType: "This is not a playback token."
        case .rel: "The token is for another lesson."
        case .platform: "The token is for another kind of player."
        case .transport: "The token may not be carried this way."
        case .referrer: "This site may not show the lesson."
        case .referrerMissing: "The page that shows the lesson must send its origin."
        case .path: "The path is not one of ours."
        case .revoked: "Playback was ended."
        case .limitStreams: "Too many streams at once."
        case .limitDevices: "Too many devices."
        case .limitPlays: "The lesson was played as often as allowed."
        case .address: "The token belongs to another network."
        case .country: "The lesson is not available in this country."
        case .agent: "The lesson does not play in this program."
        case .suspended: "The account is suspended."
        case .notEntitled: "There is no access to this lesson."
        case .paced: "Fetched faster than it can be watched."
        case .gateUnavailable, .apiUnavailable: "The service is not available at the moment."
        case .method: "This method is not allowed here."
        case .notFound: "Nothing was found here."
        case .notReady: "The lesson is still being made."
        case .credentialsMissing: "Authentication required"
        case .credentialsInvalid: "Invalid token"
        case .scope: "The caller may not do this."
        case .tooMany: "Too many requests."
        case .signInFailed: "The e-mail address or the password is not right."
        case .passwordWrong: "The present password is not right."
        case .totpRequired: "The code of your authenticator is needed as well."
        case .totpInvalid: "The code is not right, or was used before."
        case .refreshInvalid: "The sign-in has ended."
        case .accountDisabled: "This account is closed."
        case .emailUnverified: "The e-mail address has not been confirmed yet."
        case .emailTaken: "There is an account with this e-mail address already."
        case .registrationClosed: "Accounts are made by the operator here."
        case .signInAgain: "Sign in once more to join the account you have here."
        case .linkInvalid: "The link has been used or has expired."
        case .badRequest: "The request is not valid."
        case .mediaType: "This content type is not accepted here."
        case .fieldMissing: "A required field is missing."
        case .fileMissing: "No video file provided"
        case .fileType: "This type of file is not allowed, or the content is of another type than the name says."
        case .tooLarge: "The upload is too large."
        case .noRoom: "There is no room left to store this."
        case .conflict: "This can't be done in the present state."
        case .range: "The range can't be served."
        case .internalError: "Something went wrong on our side."
        case .notMedia: "The file is not a video that can be read."
        case .truncated: "The file is cut off."
        case .noStreams: "The file holds neither picture nor sound."
        case .codec: "The file's coding is not supported."
        case .encrypted: "The file is encrypted."
        case .pixels: "The picture is too large."
        case .streams: "The file holds too many streams."
        case .duration: "The file plays for too long, or its times make no sense."
        case .frames: "The file holds too many pictures."
        case .output: "The result would be too large."
        case .helperFailed: "The file could not be processed."
        case .helperTimeout: "Processing took too long."
        case .captionsLanguage: "The language is not written as a BCP 47 tag, such as en or pt-BR."
        case .captionsFormat: "The captions are neither SRT nor WebVTT, or are damaged."
        case .captionsTime: "The captions hold a time that can't be."
        case .captionsAmount: "There are more captions than are taken."
        case .superseded: "A newer upload took this one's place."
        case .cancelled: "The task was cancelled."
        case .callbackUrl: "The callback's address can't be used."
        case .callbackAddress: "The callback's address is not public."
        case .callbackFailed: "The callback was not accepted."
        case .refused: "Not allowed."
        }
    }
}
