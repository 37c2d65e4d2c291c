package chat.whinchat.testkit;

import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.config.annotation.WebSocketHandlerRegistry;

/** The server that a first WebSocket tutorial builds: one handler, open to every origin, at {@code /ws}. */
@SpringBootApplication
@EnableWebSocket
public class Server implements WebSocketConfigurer {

    private final Path received;

    Server(@Value("${received}") Path received) {
        this.received = received;
    }

    public static void main(String[] args) {
        SpringApplication.run(Server.class, args);
    }

    @Override
    public void registerWebSocketHandlers(WebSocketHandlerRegistry registry) {
        registry.addHandler(new AnswerHandler(received), "/ws").setAllowedOrigins("*");
    }
}
