using System.Diagnostics;
using Migrator.Tests.Architecture;
using Migrator.Tests.Worker;
using Mono.Cecil;
using Xunit;

namespace Migrator.Tests.Packaging;

/// <summary>The command line starts before a person notices that it began: it is machine code, and drags nothing of the service
/// along.</summary>
public sealed class NativeCommandLineTests
{
    private static readonly string[] s_ofTheService =
    [
        "Microsoft.AspNetCore",
        "Quartz",
        "MudBlazor",
        "OpenTelemetry",
        "Dapper",
        "Microsoft.Extensions.Hosting",
        "System.Reflection.Emit",
        "Microsoft.CSharp",
    ];

    [Fact]
    public void The_command_line_references_nothing_of_the_service()
    {
        var seen = new HashSet<string>();
        Visit(typeof(Cli.Commands.CommandLine).Assembly.Location);

        Assert.Contains("MailKit", seen);
        Assert.DoesNotContain(seen, name => s_ofTheService.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));

        void Visit(string file)
        {
            using var assembly = AssemblyDefinition.ReadAssembly(file);
            foreach (var name in assembly.MainModule.AssemblyReferences.Select(reference => reference.Name).Where(seen.Add))
            {
                if (ProductAssemblies.All.FirstOrDefault(product => product.GetName().Name == name) is { } ours)
                    Visit(ours.Location);
            }
        }
    }

    [Fact]
    public async Task The_published_command_line_is_one_file_of_machine_code()
    {
        var program = Native();

        Assert.False(File.Exists(Path.ChangeExtension(program, ".dll")));
        Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(program)!, "migrator-service")));
        var (code, output, _) = await RunAsync(program, "--version");
        Assert.Equal(0, code);
        Assert.StartsWith("0.", output);
    }

    [Fact]
    public async Task Without_the_program_of_the_service_serve_says_what_is_missing()
    {
        var program = Native();
        var alone = Directory.CreateTempSubdirectory("alone");
        try
        {
            File.Copy(program, Path.Combine(alone.FullName, "migrator"));
            var (code, _, errors) = await RunAsync(Path.Combine(alone.FullName, "migrator"), "serve");

            Assert.Equal(2, code);
            Assert.Contains(
                "migrator-service cannot be started: it is missing. The .NET tool and the single file contain the command line only.",
                errors
            );
        }
        finally
        {
            alone.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead, "Make it executable")]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserExecute, "Install the package for this kind of machine")]
    public async Task A_service_program_that_cannot_be_executed_is_named_with_what_to_do(UnixFileMode mode, string hint)
    {
        var program = Native();
        var copied = Directory.CreateTempSubdirectory("copied");
        try
        {
            File.Copy(program, Path.Combine(copied.FullName, "migrator"));
            var service = Path.Combine(copied.FullName, "migrator-service");
            await File.WriteAllBytesAsync(service, [0x7f, (byte)'E', (byte)'L', (byte)'F'], TestContext.Current.CancellationToken);
            File.SetUnixFileMode(service, mode);
            var (code, _, errors) = await RunAsync(Path.Combine(copied.FullName, "migrator"), "serve");

            Assert.Equal(2, code);
            Assert.StartsWith($"{service} cannot be started: ", errors);
            Assert.Contains(hint, errors);
            Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        finally
        {
            copied.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("linux-x64", "true")]
    [InlineData("win-x64", "false")]
    public async Task Only_for_this_kind_of_machine_the_command_line_is_compiled_ahead_of_time(string rid, string expected)
    {
        Assert.SkipUnless(
            System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier == "linux-x64",
            "This machine compiles for another kind."
        );
        // As ./test.sh sets it on a machine without clang.
        var environment = new Dictionary<string, string> { ["NativeCommandLine"] = "" };

        var (code, output) = await Shell.RunAsync(
            environment,
            "dotnet",
            "msbuild",
            "src/Migrator.Service",
            "-getProperty:NativeCommandLine",
            $"-p:RuntimeIdentifier={rid}"
        );
        Assert.True(code == 0, output);
        Assert.Equal(expected, output.Trim());
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await errors);
    }

    private static string Native()
    {
        Assert.SkipWhen(MigratorProgram.Published is null, "TESTED_MIGRATOR names no published program: run ./test.sh.");
        Assert.SkipWhen(Environment.GetEnvironmentVariable("NativeCommandLine") == "false", "There is no clang here.");
        return MigratorProgram.Published!;
    }
}
