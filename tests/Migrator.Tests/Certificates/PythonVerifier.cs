using System.Diagnostics;
using System.Text.RegularExpressions;
using Migrator.Tests.Telemetry;

namespace Migrator.Tests.Certificates;

/// <summary>The verifier that was written from the document.</summary>
internal static class PythonVerifier
{
    public const int MostLines = 150;

    public static string Script => Docs.Path("verify_certificate.py");

    public static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var python = Process.Start(
            new ProcessStartInfo("python3", [Script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        var (output, errors) = (python.StandardOutput.ReadToEndAsync(), python.StandardError.ReadToEndAsync());
        await python.WaitForExitAsync();
        return (python.ExitCode, await output + await errors);
    }

    /// <summary>The codes of the problems that it names.</summary>
    public static async Task<IReadOnlyList<string>> CodesAsync(params string[] arguments)
    {
        var (code, output) = await RunAsync(arguments);
        var codes = output
            .Split('\n')
            .Select(line => Regex.Match(line, "^[a-z-]+(?=: )").Value)
            .Where(code => code.Length > 0)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        return code == (codes.Count == 0 ? 0 : 1) ? codes : [$"exit code {code}: {output}"];
    }
}
