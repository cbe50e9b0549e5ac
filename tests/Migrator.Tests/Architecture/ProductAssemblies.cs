using System.Reflection;

namespace Migrator.Tests.Architecture;

/// <summary>All that the product is made of.</summary>
internal static class ProductAssemblies
{
    public static readonly IReadOnlyList<Assembly> All =
    [
        typeof(Core.Failures.Reason).Assembly,
        typeof(Migrator.Files.FileFormat).Assembly,
        typeof(Migrator.Mail.Connections.ProtocolLogs).Assembly,
        typeof(Migrator.Discovery.Finding.ServerDiscovery).Assembly,
        typeof(Migrator.Storage.JobRuns.JobRunStore).Assembly,
        typeof(App.Output.ExitCode).Assembly,
        typeof(Cli.Commands.CommandLine).Assembly,
        typeof(Service.Commands.ServiceCommandLine).Assembly,
    ];
}
