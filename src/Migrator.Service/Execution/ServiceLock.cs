using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Files;

namespace Migrator.Service.Execution;

/// <summary>Keeps a second service out of a state directory whose schedules lie in a file: each would take the jobs of the other for ones
/// that are gone. The system lets go of it with the process, however that ends.</summary>
internal sealed class ServiceLock : IDisposable
{
    private readonly FileStream _held;

    private ServiceLock(FileStream held) => _held = held;

    /// <exception cref="ConfigurationException">Another service has it, or the directory cannot be written.</exception>
    public static ServiceLock Take(string state)
    {
        var path = Path.Combine(state, "service.lock");
        try
        {
            PrivateFiles.CreateDirectory(state);
            var held = PrivateFiles.OpenOrCreate(path, FileAccess.Write, FileShare.None, 1);
            try
            {
                held.SetLength(0);
                held.Write(Encoding.UTF8.GetBytes($"process {Environment.ProcessId}"));
                held.Flush();
                return new ServiceLock(held);
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What the file says is no sign of a service: it stays behind where one was killed.
            throw new ConfigurationException(
                "settings",
                [
                    new ConfigurationError(
                        "StateDirectory",
                        IsHeld(exception)
                            ? $"another service{(Holder(path) is { } holder ? $" ({holder})" : "")} runs in {state}. Stop that "
                                + "one, give this one a separate directory with --state, or let them share a database "
                                + "(CheckpointStore)."
                            : $"{path} cannot be written: {exception.Message} Check the rights and the room in {state}, or give "
                                + "another directory with --state."
                    ),
                ]
            );
        }
    }

    public void Dispose() => _held.Dispose();

    // ERROR_SHARING_VIOLATION of Windows; EWOULDBLOCK of Linux and of macOS.
    private static bool IsHeld(Exception exception) =>
        exception.GetType() == typeof(IOException) && (exception.HResult & 0xFFFF) is 32 or 11 or 35;

    /// <returns>Null where it cannot be read.</returns>
    private static string? Holder(string path)
    {
        try
        {
            return InputFile.ReadText(path, InputFile.MostOfSecret) is { Length: > 0 } holder ? holder : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
