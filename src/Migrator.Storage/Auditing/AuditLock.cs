using Migrator.Core.Files;

namespace Migrator.Storage.Auditing;

/// <summary>The right to add to the trail. The system lets go of it with the process, however that ends.</summary>
internal static class AuditLock
{
    // EWOULDBLOCK of Linux and of macOS, and what Windows says of a file that another has open.
    private const int WouldBlock = 11,
        WouldBlockOnMac = 35,
        SharingViolation = unchecked((int)0x80070020);

    // Each holds it for milliseconds: whoever has it for so long was stopped.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <exception cref="IOException">Another process holds it, or the file cannot be made.</exception>
    public static async Task<FileStream> TakeAsync(string path, TimeProvider time, CancellationToken stop)
    {
        for (var began = time.GetTimestamp(); ; )
        {
            try
            {
                return PrivateFiles.OpenOrCreate(path, FileAccess.Write, FileShare.None, bufferSize: 0);
            }
            catch (IOException exception) when (exception.HResult is WouldBlock or WouldBlockOnMac or SharingViolation)
            {
                if (time.GetElapsedTime(began) > s_patience)
                    throw new IOException(
                        $"another process has held {path} for {s_patience.TotalSeconds:0} s. "
                            + "If a process of this machine is suspended, end it.",
                        exception
                    );
            }
            // Not all at the same moment again.
            await Task.Delay(TimeSpan.FromMilliseconds(2 + (18 * Random.Shared.NextDouble())), time, stop);
        }
    }
}
