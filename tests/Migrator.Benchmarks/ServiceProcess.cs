using System.Diagnostics;
using System.Globalization;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;

namespace Migrator.Benchmarks;

/// <summary>The service, as one process with its own state, and jobs that are triggered there.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private readonly string[] _arguments;
    private readonly Process _process;
    private readonly HttpClient _http;

    private ServiceProcess(string[] arguments, string url)
    {
        _arguments = arguments;
        _process = Start(["serve", "--set", $"Dashboard:Urls={url}", .. arguments]);
        _http = new HttpClient { BaseAddress = new Uri(url) };
    }

    /// <param name="jobs">The directory of the job files.</param>
    public static async Task<ServiceProcess> StartAsync(string jobs, string state, params string[] settings)
    {
        string[] arguments =
        [
            "--set",
            $"JobsDirectory={jobs}",
            .. settings.SelectMany(setting => new[] { "--set", setting }),
            "--state",
            state,
        ];
        var service = new ServiceProcess(arguments, $"http://127.0.0.1:{DovecotServer.FreePorts(1)[0]}");
        await service.UntilAsync(async () => (await service._http.GetAsync("/health/ready")).IsSuccessStatusCode);
        return service;
    }

    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <param name="field">Of the process's status, such as VmRSS.</param>
    /// <returns>In bytes.</returns>
    public long Memory(string field) => ProcessStatus.Bytes(_process.Id, field);

    public async Task TriggerAsync(string job)
    {
        using var trigger = Start(["jobs", "trigger", job, .. _arguments]);
        await trigger.WaitForExitAsync();
        if (trigger.ExitCode != 0)
            throw new InvalidOperationException($"jobs trigger {job} ended with {trigger.ExitCode}.");
    }

    public Task<string> MetricsAsync() => _http.GetStringAsync("/metrics");

    /// <summary>Waits until so many runs of mailboxes have ended Complete since the service began.</summary>
    public Task CompleteAsync(int runs) => UntilAsync(async () => Complete(await MetricsAsync()) >= runs);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _http.Dispose();
    }

    private async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (true)
        {
            try
            {
                if (await holds())
                    return;
            }
            catch (HttpRequestException) when (!_process.HasExited)
            {
                // It does not listen yet.
            }
            if (_process.HasExited)
                throw new InvalidOperationException($"The service ended with {_process.ExitCode}.");
            await Task.Delay(200);
        }
    }

    private static int Complete(string metrics) =>
        metrics
            .Split('\n')
            .Where(line =>
                line.StartsWith("migrator_mailbox_run_duration_seconds_count{", StringComparison.Ordinal)
                && line.Contains("outcome=\"complete\"", StringComparison.Ordinal)
            )
            .Sum(line =>
                (int)
                    double.Parse(
                        line[(line.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0],
                        CultureInfo.InvariantCulture
                    )
            );

    private static Process Start(string[] arguments)
    {
        var program = MigratorProgram.Command;
        var start = new ProcessStartInfo(program[0], [.. program.Skip(1), .. arguments]) { RedirectStandardOutput = true };
        start.Environment["BENCH_PASSWORD"] = DovecotServer.Password;
        var process = Process.Start(start)!;
        // A full pipe would hold it.
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }
}
