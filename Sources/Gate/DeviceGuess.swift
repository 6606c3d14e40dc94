internal import Core
internal import Crypto

/// The device of a viewer whose token names none: its program and the network that its address is taken to be in, so that
/// a browser stays one device when its line gets a new address.
enum DeviceGuess {
    /// A number for both. Allocates nothing.
    static func number(agent: Span<UInt8>, client: Span<UInt8>) -> UInt64 {
        var hash = SipHash(key: (0, 0))
        hash.add(UInt64(agent.count))
        hash.add(agent)
        guard let address = NetworkAddress(client) else {
            hash.add(client)
            return hash.finish()
        }
        let network = NetworkPrefix(around: address).first
        hash.add(UInt64(truncatingIfNeeded: network >> 64))
        hash.add(UInt64(truncatingIfNeeded: network))
        return hash.finish()
    }
}
