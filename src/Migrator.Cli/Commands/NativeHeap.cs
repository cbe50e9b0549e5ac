using System.Runtime.InteropServices;

namespace Migrator.Cli.Commands;

/// <summary>The memory that native code takes: SQLite, and what encrypts connections.</summary>
internal static class NativeHeap
{
    // M_ARENA_MAX and M_MMAP_THRESHOLD of malloc.h.
    private const int MostArenas = -8,
        MapThreshold = -3;

    private const int MappedFrom = 128 << 10;

    /// <summary>Has all threads share one heap. The GNU C library gives each thread a heap of its own, up to eight for each core, and what
    /// is free in one serves no other: SQLite's cache, which is filled and emptied on many threads, would take its size several times.
    /// There is little native code here, so that threads seldom wait for the one heap. To be called before there are threads.</summary>
    public static void UseOne()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = Mallopt(MostArenas, 1);
            // The default, but constant: else it rises to the largest block ever freed, and what SQLite sorts in stays taken.
            _ = Mallopt(MapThreshold, MappedFrom);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library (musl), which has one heap anyway.
        }
    }

    [DllImport("libc", EntryPoint = "mallopt")]
    private static extern int Mallopt(int parameter, int value);
}
