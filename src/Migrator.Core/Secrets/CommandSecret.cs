using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Migrator.Core.Redaction;

namespace Migrator.Core.Secrets;

/// <summary>A program that prints a secret: of pass, of 1Password, of HashiCorp Vault.</summary>
internal static class CommandSecret
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private const int MostCharacters = 1 << 16;
    private const int MostShown = 300;

    /// <param name="line">Given to the shell.</param>
    /// <param name="user">The login name that the secret is for: an environment variable, not a part of the line, because a list of
    /// mailboxes could otherwise run programs.</param>
    /// <returns>The first line that it prints, or why there is none.</returns>
    public static (string? Secret, string Why) Run(string line, string user)
    {
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo("cmd.exe", ["/d", "/c", line])
            : new ProcessStartInfo("/bin/sh", ["-c", line]);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment["MIGRATOR_USER"] = user;
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var (printed, errors) = (ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
            if (!Task.WaitAll([printed, errors], Limit) || !process.WaitForExit(Limit))
            {
                process.Kill(entireProcessTree: true);
                return (null, $"the command did not end within {Limit.TotalSeconds:0} s.");
            }
            if (process.ExitCode != 0)
                return (null, $"the command failed (exit code {process.ExitCode}){Said(errors.Result)}");
            var secret = printed.Result.Split('\n')[0].TrimEnd('\r');
            return secret.Length > 0 ? (secret, "") : (null, $"the command printed nothing{Said(errors.Result)}");
        }
        catch (Exception exception) when (exception is Win32Exception or IOException)
        {
            return (null, $"the command cannot be run: {exception.Message}");
        }
    }

    /// <summary>All of it, so that the program does not wait; the beginning is kept.</summary>
    private static async Task<string> ReadAsync(StreamReader reader)
    {
        var (text, buffer) = (new StringBuilder(), new char[4096]);
        while (await reader.ReadAsync(buffer) is > 0 and var count)
            text.Append(buffer, 0, Math.Min(count, MostCharacters - text.Length));
        return text.ToString();
    }

    // Before it is shortened: half a secret would not be found.
    private static string Said(string errors) =>
        SecretRedactor.Redact(errors).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [.., var last]
            ? $": {(last.Length <= MostShown ? last : $"{last.AsSpan(0, MostShown)}…")}"
            : ".";
}
