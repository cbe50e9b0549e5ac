using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Tests.Identity;

namespace Migrator.Tests.Fuzzing;

/// <summary>A login as it lies in the state directory. It is sealed: no change may be read as anything.</summary>
internal sealed class LoginFileTarget : FuzzTarget
{
    private static readonly LoginKey s_key = new("https://login.example.org/token", "client", "ann", "");

    private readonly DirectoryInfo _directory;
    private readonly string _file;

    private LoginFileTarget(DirectoryInfo directory, string file)
    {
        (_directory, _file) = (directory, file);
        Inputs = [File.ReadAllBytes(file)];
    }

    public override string Name => "login-file";

    public override IReadOnlyList<byte[]> Inputs { get; }

    public static async Task<FuzzTarget> MakeAsync(CancellationToken stop)
    {
        var directory = Directory.CreateTempSubdirectory("fuzz-logins");
        await TestLogins.In(directory).PutAsync(s_key, Encoding.ASCII.GetBytes("refresh-token"), stop);
        var files = directory.EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.Extension.Length == 0);
        return new LoginFileTarget(directory, files.Single().FullName);
    }

    public override async Task ReadAsync(byte[] input, int origin, CancellationToken stop)
    {
        await File.WriteAllBytesAsync(_file, input, stop);
        var logins = TestLogins.In(_directory);
        WasRead = false;
        try
        {
            await logins.ListAsync(stop);
            var secret = await logins.ChangeAsync<byte[]?>(s_key, content => Task.FromResult(((byte[]?)null, content)), stop);
            WasRead = true;
            if (!input.SequenceEqual(Inputs[0]))
                throw new InvalidDataException($"It is read as {Encoding.Latin1.GetString(secret ?? [])}, and was changed.");
        }
        catch (MailException exception)
        {
            // As promised.
            Refusal = exception.Message;
        }
    }

    public override ValueTask DisposeAsync()
    {
        _directory.Delete(recursive: true);
        return default;
    }
}
