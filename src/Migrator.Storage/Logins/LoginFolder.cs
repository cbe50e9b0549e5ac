using System.Text.RegularExpressions;
using Migrator.Core.Failures;
using Migrator.Core.Files;

namespace Migrator.Storage.Logins;

/// <summary>Encrypted logins as files of one directory, for the processes of one machine.</summary>
internal sealed partial class LoginFolder(string path) : ILoginTable
{
    // Refresh tokens have some hundred bytes, MSAL's cache some thousand.
    private const int Reserved = 32 * 1024;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    public string Name => path;

    public Task<IReadOnlyList<(string Id, byte[] Content)>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult(
            Guard<IReadOnlyList<(string, byte[])>>(() =>
                Directory.Exists(path)
                    ?
                    [
                        .. Directory
                            .EnumerateFiles(path)
                            .Select(file => Path.GetFileName(file))
                            .Where(name => Id().IsMatch(name))
                            .Order(StringComparer.Ordinal)
                            .Select(name => (name, Content: Read(Path.Combine(path, name))))
                            // Another process may have deleted it meanwhile.
                            .Where(login => login.Content is not null)
                            .Select(login => (login.name, login.Content!)),
                    ]
                    : []
            )
        );

    public Task<T> ChangeAsync<T>(
        string id,
        Func<byte[]?, Task<(byte[]? Replacement, T Result)>> change,
        CancellationToken cancellationToken
    ) =>
        InLockAsync(
            id,
            async file =>
            {
                var next = $"{file}.new";
                // Before the server is asked, which forgets the earlier token then: a full disk must not lose its successor.
                Guard(() => Reserve(next));
                try
                {
                    var (replacement, result) = await change(Guard(() => Read(file)));
                    if (replacement is not null)
                        Guard(() => Replace(file, next, replacement));
                    return result;
                }
                finally
                {
                    Guard(() => Delete(next));
                }
            },
            cancellationToken
        );

    public Task<bool> RemoveAsync(string id, CancellationToken cancellationToken) =>
        InLockAsync(
            id,
            file =>
                Task.FromResult(
                    Guard(() =>
                    {
                        var there = File.Exists(file);
                        File.Delete(file);
                        return there;
                    })
                ),
            cancellationToken
        );

    /// <summary>The lock is a file beside it: the login itself is replaced as a whole, and a lock on what is replaced holds
    /// nothing.</summary>
    private async Task<T> InLockAsync<T>(string id, Func<string, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var held = await LockAsync($"{id}.lock", cancellationToken);
        return await work(Path.Combine(path, id));
    }

    private async Task<FileStream> LockAsync(string name, CancellationToken cancellationToken)
    {
        PrivateFiles.CreateDirectory(path);
        while (true)
        {
            try
            {
                return PrivateFiles.OpenOrCreate(Path.Combine(path, name), FileAccess.ReadWrite, FileShare.None);
            }
            // Windows and .NET say by this, and by nothing else, that another one has it.
            catch (IOException exception) when (exception.HResult is 11 or 35 or unchecked((int)0x80070020))
            {
                await Task.Delay(s_pause, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw Unusable(exception);
            }
        }
    }

    private static byte[]? Read(string file)
    {
        try
        {
            return InputFile.ReadAll(file, InputFile.MostOfSettings);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static bool Reserve(string next)
    {
        File.Delete(next);
        using var stream = PrivateFiles.Create(next);
        stream.Write(new byte[Reserved]);
        stream.Flush(flushToDisk: true);
        return true;
    }

    private static bool Replace(string file, string next, byte[] content)
    {
        using (var stream = PrivateFiles.OpenOrCreate(next, FileAccess.Write, FileShare.None))
        {
            stream.Write(content);
            stream.SetLength(content.Length);
            stream.Flush(flushToDisk: true);
        }
        File.Move(next, file, overwrite: true);
        return true;
    }

    private static bool Delete(string file)
    {
        File.Delete(file);
        return true;
    }

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(exception);
        }
    }

    private MailException Unusable(Exception exception) =>
        new(Reason.LoginStoreUnavailable, $"the stored logins in {path} cannot be used: {exception.Message}", exception);

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex Id();
}
