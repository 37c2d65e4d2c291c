package chat.whinchat.testkit;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.handler.TextWebSocketHandler;

/** Answers every text to its sender; {@code /close CODE REASON} closes the session. */
class AnswerHandler extends TextWebSocketHandler {

    private static final Pattern CLOSE = Pattern.compile("/close (\\d{4}) ?(.*)");

    private final ObjectMapper json = new ObjectMapper();
    private final Path received;

    AnswerHandler(Path received) {
        this.received = received;
    }

    @Override
    protected void handleTextMessage(WebSocketSession session, TextMessage message) throws IOException {
        String text = message.getPayload();
        record(text);
        Matcher close = CLOSE.matcher(text);
        if (close.matches()) {
            session.close(new CloseStatus(Integer.parseInt(close.group(1)), close.group(2)));
            return;
        }
        session.sendMessage(new TextMessage("服务器已收到消息：" + text));
    }

    private synchronized void record(String text) throws IOException {
        Files.writeString(
                received,
                json.writeValueAsString(text) + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }
}
