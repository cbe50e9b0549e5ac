using System.Text;
using Migrator.Core.Mail;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>A message as a source gives it.</summary>
public sealed record Letter(Uid Uid, string Text, string Flags, DateTimeOffset Date)
{
    /// <summary>All of a folder.</summary>
    public static async Task<IReadOnlyList<Letter>> ReadAsync(IMailSource source, string folder)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await source.OpenAsync(FolderPath.Parse(folder), cancellationToken);
        var uids = await source.ListUidsAsync(1, cancellationToken);
        var receiver = new Receiver();
        await source.FetchAsync(uids, receiver, cancellationToken);
        return
        [
            .. (await source.FetchSummariesAsync(uids, cancellationToken)).Select(summary => new Letter(
                summary.Uid,
                receiver.Texts[summary.Uid],
                summary.Flags.ToString(),
                summary.InternalDate
            )),
        ];
    }

    public sealed class Receiver : IContentSink
    {
        private long _size;

        public Dictionary<Uid, string> Texts { get; } = [];

        public Stream Open(Uid? uid, long size)
        {
            _size = size;
            return new MemoryStream();
        }

        public ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
        {
            var bytes = ((MemoryStream)content).ToArray();
            Assert.Equal(_size, bytes.Length);
            Texts.Add(uid, Encoding.Latin1.GetString(bytes));
            return default;
        }
    }
}
