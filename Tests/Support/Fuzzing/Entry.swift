internal import POSIX

/// What libFuzzer calls with each input; `FUZZ_TARGET` names the target.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = unsafe UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : count)
    if let mistake = unsafe chosen.run(input.span) { fatalError("\(chosen): \(mistake)") }
    return 0
}

private let chosen: FuzzTarget = {
    guard let target = FuzzTarget(rawValue: Host.environment()["FUZZ_TARGET"] ?? "") else {
        fatalError("FUZZ_TARGET names none of \(FuzzTarget.allCases.map(\.rawValue))")
    }
    return target
}()
