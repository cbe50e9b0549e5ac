using System.Security.Cryptography;
using Migrator.Core.Failures;
using Migrator.Core.Files;

namespace Migrator.App.Hosting;

/// <summary>The key of stored logins on a machine that has no other place for it: a file that the current user alone can read.</summary>
internal static class LoginKeyFile
{
    private const int Size = 32;

    /// <exception cref="MailException">It cannot be read or made.</exception>
    public static byte[] ReadOrCreate(string path)
    {
        try
        {
            if (!File.Exists(path))
                Create(path);
            var key = InputFile.ReadAll(path, InputFile.MostOfSettings);
            return key.Length == Size
                ? key
                : throw new MailException(Reason.LoginKeyWrong, $"{path} is not a key: it has {key.Length} bytes instead of {Size}.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MailException(Reason.LoginStoreUnavailable, $"the key of stored logins {path}: {exception.Message}", exception);
        }
    }

    /// <summary>Moved to its place as a whole: a key that another process reads is never half of one.</summary>
    private static void Create(string path)
    {
        PrivateFiles.CreateDirectory(Path.GetDirectoryName(path)!);
        var next = $"{path}.{Guid.NewGuid():n}";
        try
        {
            using (var file = PrivateFiles.Create(next))
            {
                file.Write(RandomNumberGenerator.GetBytes(Size));
                // Logins are of no use without it, and are on disk soon.
                file.Flush(flushToDisk: true);
            }
            File.Move(next, path);
        }
        // Another process was first: its key counts.
        catch (IOException) when (File.Exists(path)) { }
        finally
        {
            File.Delete(next);
        }
    }
}
