namespace Migrator.Benchmarks;

/// <summary>What a program took.</summary>
/// <param name="Cpu">Of all its threads, in user mode and in the kernel.</param>
/// <param name="Peak">The largest resident set, in bytes.</param>
/// <param name="Private">How much of it at most was the process's own, without mapped files such as its code.</param>
internal sealed record Usage(TimeSpan Time, TimeSpan Cpu, long Peak, long Private);
