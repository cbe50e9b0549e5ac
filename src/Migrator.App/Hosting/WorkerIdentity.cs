namespace Migrator.App.Hosting;

/// <summary>Who this worker is to the others.</summary>
/// <param name="Name">No other's ever, of this or an earlier process.</param>
/// <param name="Machine">For people.</param>
public sealed record WorkerIdentity(string Name, string Machine)
{
    public static WorkerIdentity New() =>
        new(
            $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid().ToString("n")[..8]}",
            $"{Environment.MachineName}, process {Environment.ProcessId}"
        );
}
