internal import CMaxMind

/// Tells the country of an address from a file in MaxMind's format (`.mmdb`), mapped into memory.
///
/// Replace the file by a rename: the mapping goes on showing the old one until the process is replaced.
@safe
public final class CountryDatabase: @unchecked Sendable {
    private let database: UnsafeMutablePointer<MMDB_s>

    /// `nil` when the file is not such a database.
    public init?(_ path: String) {
        guard !path.utf8.contains(0), let opened = unsafe shim_country_open(path) else { return nil }
        unsafe database = opened
    }

    deinit { unsafe shim_country_close(database) }

    /// The two letters of ISO 3166-1 as one number, the first in the upper byte; `nil` where the file says nothing.
    /// Allocates nothing.
    ///
    /// - Parameters:
    ///   - address: 128 bits; of IPv4 the last 32.
    ///   - isIPv4: which it is.
    public func country(of address: UInt128, isIPv4: Bool) -> UInt16? {
        var bytes = isIPv4 ? (address << 96).bigEndian : address.bigEndian
        let found = unsafe withUnsafeBytes(of: &bytes) { bytes in
            unsafe shim_country_find(database, bytes.bindMemory(to: UInt8.self).baseAddress, isIPv4 ? 4 : 16)
        }
        return found == 0 ? nil : UInt16(truncatingIfNeeded: found)
    }
}
